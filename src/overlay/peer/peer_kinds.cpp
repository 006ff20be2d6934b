// Of the peer: private Kinds that come by ConfigUpdate, taken and passed on.
#include "peer/peer_impl.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

core::awaitable<core::status> peer_impl::adopt_kind(std::string block) { co_return take_kinds({block}, {}); }

core::status peer_impl::take_kinds(const std::vector<std::string>& blocks, const std::vector<identity::certificate>& signers) {
  auto taken = learnt_.take(blocks, signers, env_.now(), env_.wall_now());
  if (!taken.news) return taken.outcome;
  log_.info("{} Kinds beside those of the document", learnt_.size());
  storage_->use_kinds(learnt_.served());
  for (const auto& n : links_.peers()) push_kinds(n);
  return taken.outcome;
}

void peer_impl::push_kinds(const node_id& to) {
  for (auto& m : learnt_.lesson_for(to)) messenger_.request({destination::to_node(to)}, std::move(m), env_.now() + 5s, {}, {});
}

// A node that comes into the leaf set is to hold values of these Kinds.
void peer_impl::teach_members() {
  if (learnt_.empty()) return;
  for (const auto& n : learnt_.untaught(topology_->knows().members(), self())) push_kinds(n);
}

}  // namespace phyllo::overlay
