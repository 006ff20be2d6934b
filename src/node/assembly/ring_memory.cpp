#include "assembly/ring_memory.hpp"

#include "assembly/ring_search.hpp"
#include "files/known_members.hpp"
#include "files/known_peers.hpp"

namespace phyllo::node {
namespace {

constexpr auto keep_ring_every = std::chrono::seconds(20);
constexpr auto keep_ring_after = std::chrono::seconds(1);  // changes come together

}  // namespace

void ring_memory::load() {
  auto kept = load_known_members(configuration_);
  if (!kept) return log_.warning("{}", kept.error().message());
  members_ = std::move(*kept);
}

void ring_memory::save_places(const overlay::peer_status& now) {
  if (const auto kept = save_known_peers(configuration_, now); !kept) log_.warning("{}", kept.error().message());
  others_known_ = !load_known_peers(configuration_).empty();
}

void ring_memory::save_members() {
  if (const auto kept = save_known_members(configuration_, *members_); !kept) log_.warning("{}", kept.error().message());
}

core::awaitable<void> ring_memory::keep(overlay::peer& p) {
  known_members members(members_.value_or(std::vector<identity::node_id>()), env_.now());
  p.observe(*this);
  while (true) {  // ends by cancellation
    const auto status = p.status();
    save_places(status);
    if (!status.client) {
      const auto now_in = leaf_set_of(status);
      members.see({now_in.begin(), now_in.end()}, env_.now());
      if (members_ != members.all()) {
        members_ = members.all();
        save_members();
      }
    }
    (void)co_await changed_.receive(env_.now() + keep_ring_every);
    co_await core::sleep_for(env_, keep_ring_after);
  }
}

}  // namespace phyllo::node
