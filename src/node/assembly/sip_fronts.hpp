// The shards beyond the first, as the first has them: what it tells them, and what it asks of them. Used on the first shard.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "assembly/sip_front.hpp"
#include "phyllo/core/shard_group.hpp"

namespace phyllo::node {

// The shards that a node is served by, and where each but the first counts.
struct node_shards {
  core::shard_group& group;
  std::vector<core::metrics*> metrics;  // of shards 1, 2, ...
};

class sip_fronts {
 public:
  // References outlive it.
  sip_fronts(const node_shards& shards, sip_front::ground g, std::string overlay, core::logger log)
      : shards_(shards), ground_(std::move(g)), overlay_(std::move(overlay)), log_(std::move(log)) {}

  // Opens them all, or none: host::open's errors. `s` is the same for all but for their numbers.
  core::awaitable<core::status> open(sip_front::settings s);
  // By which a host passes a connection on to another one's.
  [[nodiscard]] std::function<void(unsigned shard, transport::moved_connection c)> passer();
  // From now on the ports are shared out. transport's refused: the kernel does not know how, and the first has all.
  core::status steer(const transport::steering& by);

  [[nodiscard]] bool serve() const noexcept { return serve_; }
  void tell(const std::function<void(sip_front&)>& what);  // each, on its shard; copied
  // Of all of them, as they told a moment ago.
  [[nodiscard]] std::vector<sip::service_status> status() const;
  // Appended to `into`. False: one of them gives all, and was not asked for that.
  core::awaitable<bool> take_bindings(bool anew, std::string& into);
  core::awaitable<void> drain(core::time_point deadline);
  core::awaitable<void> stop();  // before destruction

 private:
  core::awaitable<core::result<void>> make(std::size_t i, sip_front::settings s);
  core::awaitable<void> end(std::size_t i);
  core::awaitable<void> drain_one(std::size_t i, core::time_point deadline);
  core::awaitable<core::result<sip::service::kept_bindings>> bindings_of(std::size_t i, bool anew);
  [[nodiscard]] core::shard_door& door(std::size_t i) { return shards_.group.door(static_cast<unsigned>(i + 1)); }
  [[nodiscard]] core::shard_door& first() { return shards_.group.door(0); }

  node_shards shards_;
  sip_front::ground ground_;
  std::string overlay_;
  core::logger log_;
  // Of shards 1, 2, ...; each pointer is written on its shard, while the first waits. Shared with connections that are passed on.
  using slots = std::vector<std::unique_ptr<sip_front>>;
  std::shared_ptr<slots> fronts_ = std::make_shared<slots>(shards_.group.size() - 1);
  bool serve_ = false;  // they are all there
};

}  // namespace phyllo::node
