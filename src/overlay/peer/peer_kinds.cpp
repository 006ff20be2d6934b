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

// Only Kinds of ConfigUpdates can be unknown to a node of the same configuration, so that nothing is copied without them.
core::awaitable<core::result<answer>> peer_impl::ask(destination_list to, message_contents m, core::time_point deadline,
                                                     messenger::request_options o) {
  if (learnt_.empty()) co_return co_await await_answer(env_, messenger_, std::move(to), std::move(m), deadline, o);
  auto to_again = to;
  auto m_again = m;
  auto answered = co_await await_answer(env_, messenger_, std::move(to), std::move(m), deadline, o);
  const auto unknown = unknown_kinds_of(answered);
  if (unknown.empty()) co_return answered;
  auto definitions = learnt_.definitions_of(unknown);
  if (!definitions) co_return answered;
  destination_list pupil{destination::to_node(answered->from)};
  const auto learnt = co_await await_answer(env_, messenger_, std::move(pupil), std::move(*definitions), deadline, o);
  if (!learnt || learnt->contents.code == code::error) co_return answered;
  co_return co_await await_answer(env_, messenger_, std::move(to_again), std::move(m_again), deadline, o);
}

void peer_impl::request_each(std::vector<node_id> to, message_contents m, core::time_point deadline, answer_handler on_answer) {
  if (!learnt_.empty()) {
    on_answer = [this, heard = std::move(on_answer)](node_id from, core::result<answer> a) {
      if (auto definitions = learnt_.definitions_of(unknown_kinds_of(a)))
        messenger_.request({destination::to_node(from)}, std::move(*definitions), env_.now() + 5s, {}, {});
      heard(from, std::move(a));
    };
  }
  messenger_.request_each(std::move(to), std::move(m), deadline, std::move(on_answer));
}

}  // namespace phyllo::overlay
