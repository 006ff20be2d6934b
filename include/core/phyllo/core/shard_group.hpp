// The shards of a process: the thread that makes the group is the first of them, and each further one has a thread of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/hop.hpp"
#include "phyllo/core/shard.hpp"

namespace phyllo::core {

class shard_group {
 public:
  static constexpr unsigned shards_max = 64;

  // `first`: the environment of the calling thread, which outlives the group. The threads of the others run from now on, by `name` and
  // their number. `count`: 1 at least.
  shard_group(environment& first, const std::string& name, unsigned count);
  ~shard_group();  // what the others run has ended by then
  shard_group(const shard_group&) = delete;
  shard_group& operator=(const shard_group&) = delete;

  [[nodiscard]] unsigned size() const noexcept { return static_cast<unsigned>(doors_.size()); }
  [[nodiscard]] shard_door& door(unsigned index) noexcept { return *doors_[index]; }

 private:
  std::vector<std::unique_ptr<shard>> others_;
  std::vector<std::unique_ptr<shard_door>> doors_;
};

// The cores that this process may use.
[[nodiscard]] unsigned usable_cores() noexcept;

}  // namespace phyllo::core
