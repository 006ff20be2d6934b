// Where the services of one node, one a shard, find one another (sip.md, "Shards"): what lands at one and is another's is passed on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/hop.hpp"
#include "phyllo/transport/steering.hpp"

namespace phyllo::sip {

class shard_exchange {
 public:
  // `doors`: the shards', by their numbers, at most 64; they outlive it. `by`: how the ports are steered. `domains`: as service_options has
  // them. `env` is used here only.
  shard_exchange(core::environment& env, std::vector<core::shard_door*> doors, const transport::steering& by,
                 const std::vector<std::string>& domains);
  ~shard_exchange();
  shard_exchange(const shard_exchange&) = delete;
  shard_exchange& operator=(const shard_exchange&) = delete;

  struct impl;  // private to the tier, as is what follows
  [[nodiscard]] impl& inside() const noexcept { return *impl_; }

 private:
  std::shared_ptr<impl> impl_;  // with what waits to be run
};

}  // namespace phyllo::sip
