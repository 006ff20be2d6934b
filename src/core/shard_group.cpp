#include "phyllo/core/shard_group.hpp"

#include <sched.h>

#include <algorithm>

namespace phyllo::core {

shard_group::shard_group(environment& first, const std::string& name, unsigned count) {
  doors_.push_back(std::make_unique<shard_door>(first));
  for (unsigned i = 1; i < count; ++i) {
    others_.push_back(std::make_unique<shard>(name + "-" + std::to_string(i)));
    doors_.push_back(std::make_unique<shard_door>(others_.back()->env()));
  }
  for (const auto& s : others_) s->start();
}

shard_group::~shard_group() {
  for (const auto& s : others_) s->stop();
  for (const auto& s : others_) s->join();
  for (auto i = others_.size(); i > 0; --i) {
    doors_.pop_back();  // its waiters' timers go before their context does
    others_.pop_back();
  }
}

unsigned usable_cores() noexcept {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  const auto n = ::sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
  return std::clamp(static_cast<unsigned>(n), 1U, shard_group::shards_max);
}

}  // namespace phyllo::core
