// Whether the data directory can be written. What a full disk keeps a node from keeping is missed at its next start, and is said before.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/worker.hpp"

namespace phyllo::node {

class disk_watch {
 public:
  // phyllo_disk_writable and phyllo_disk_free_bytes are its. References outlive it.
  disk_watch(core::environment& env, std::string directory, core::metrics& m, core::logger log);

  core::awaitable<void> run();  // writes and removes a small file again and again; ends by cancellation
  // What a write of `what` came to, of those that are not run()'s own: its end is said too.
  void note(const std::string& what, const core::status& s);

  [[nodiscard]] std::optional<std::string> wrong() const;  // nothing: all writes went well of late
  [[nodiscard]] std::uint64_t free_bytes() const noexcept { return free_bytes_; }

 private:
  void look_at_room();

  core::environment& env_;
  std::string directory_;
  core::gauge& writable_;
  core::gauge& free_;
  core::logger log_;
  core::worker thread_{"phyllo-disk"};
  std::map<std::string, std::string> failing_;  // by what was to be written
  std::uint64_t free_bytes_ = 0;
};

}  // namespace phyllo::node
