#include "peer/peer_surroundings.hpp"

#include <utility>

#include "reload/await_answer.hpp"

namespace phyllo::overlay {
namespace {

constexpr core::duration lesson_within = std::chrono::seconds(5);

}  // namespace

peer_surroundings::peer_surroundings(core::environment& env, std::shared_ptr<const identity::credential> self, std::size_t leaf_set,
                                     lower_layers& below, const learnt_kinds& kinds, core::metrics& metrics)
    : env_(env),
      self_(std::move(self)),
      leaf_set_(leaf_set),
      topology_(below.topology()),
      messenger_(below.messages()),
      clock_(below.clock()),
      kinds_(kinds),
      lookups_(metrics) {}

core::awaitable<core::result<answer>> peer_surroundings::request(node_id to, message_contents m, core::time_point deadline) {
  destination_list list{destination::to_node(to)};
  const requester::options as_configured;
  co_return co_await ask(std::move(list), std::move(m), deadline, as_configured);
}

core::awaitable<core::result<answer>> peer_surroundings::request_root(resource_id to, message_contents m, core::time_point deadline) {
  const auto start = env_.now();
  destination_list list{destination::to_resource(to)};
  const requester::options as_configured;
  auto a = co_await ask(std::move(list), std::move(m), deadline, as_configured);
  lookups_.note(a, env_.now() - start);
  co_return a;
}

core::awaitable<core::result<answer>> peer_surroundings::request_root_patiently(resource_id to, message_contents m,
                                                                                core::time_point deadline) {
  destination_list list{destination::to_resource(to)};
  const requester::options once{.timer = deadline - env_.now()};
  co_return co_await ask(std::move(list), std::move(m), deadline, once);
}

// Only Kinds of ConfigUpdates can be unknown to a node of the same configuration, so that nothing is copied without them.
core::awaitable<core::result<answer>> peer_surroundings::ask(destination_list to, message_contents m, core::time_point deadline,
                                                             requester::options o) {
  if (kinds_.empty()) co_return co_await await_answer(env_, messenger_.requests(), std::move(to), std::move(m), deadline, o);
  auto to_again = to;
  auto m_again = m;
  auto answered = co_await await_answer(env_, messenger_.requests(), std::move(to), std::move(m), deadline, o);
  const auto unknown = unknown_kinds_of(answered);
  if (unknown.empty()) co_return answered;
  auto definitions = kinds_.definitions_of(unknown);
  if (!definitions) co_return answered;
  destination_list pupil{destination::to_node(answered->from)};
  const auto learnt = co_await await_answer(env_, messenger_.requests(), std::move(pupil), std::move(*definitions), deadline, o);
  if (!learnt || learnt->contents.code == code::error) co_return answered;
  co_return co_await await_answer(env_, messenger_.requests(), std::move(to_again), std::move(m_again), deadline, o);
}

void peer_surroundings::request_each(std::vector<node_id> to, message_contents m, core::time_point deadline, answer_handler on_answer) {
  if (!kinds_.empty()) {
    on_answer = [this, heard = std::move(on_answer)](node_id from, core::result<answer> a) {
      if (auto definitions = kinds_.definitions_of(unknown_kinds_of(a)))
        messenger_.requests().ask({destination::to_node(from)}, std::move(*definitions), env_.now() + lesson_within, {}, {});
      heard(from, std::move(a));
    };
  }
  messenger_.requests().ask_each(std::move(to), std::move(m), deadline, std::move(on_answer));
}

core::awaitable<core::result<core::bytes>> peer_surroundings::sync(node_id with, core::bytes body, core::time_point deadline) {
  return topology_.carries().ask_on_link(with, link_subject::sync, std::move(body), deadline);
}

}  // namespace phyllo::overlay
