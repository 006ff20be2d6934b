#include "peer/revocation_spreading.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t told_at_once = 8;  // nodes that a node tells of a newer list: e^-8 of all hear of it by asking
constexpr core::duration answered_within = 3s;
constexpr core::duration reach_answered_within = 1s;
constexpr core::duration dropped_after = 1s;     // so that a revoked node still hears why
constexpr core::duration ask_again_min = 200ms;  // of others, when one had nothing to give
constexpr core::duration ask_again_max = 5s;
constexpr core::duration first_question_every = 1s;
constexpr core::duration compare_every = 40s;  // with a random neighbour
constexpr core::duration compare_without_list_every = 10min;

}  // namespace

revocation_spreading::revocation_spreading(core::environment& env, revocation_exchange& exchange, lower_layers& below,
                                           core::task_scope& tasks)
    : env_(env), exchange_(exchange), links_(below.links()), topology_(below.topology()), tasks_(tasks), wanted_(env, 1) {}

core::status revocation_spreading::take(identity::revocation_list::next n) {
  const auto taken = exchange_.take(std::move(n));
  if (!taken) return core::fail(taken.error());
  spread(*taken);
  return {};
}

void revocation_spreading::on_announced(const node_id& from, core::byte_view announced) {
  spread(exchange_.on_announced(from, announced));
  if (exchange_.behind()) wanted_.push(true);  // it may hold what is lacking
}

core::bytes revocation_spreading::give(const node_id& to, core::byte_view question) {
  auto answer = exchange_.answer(to, question);
  if (exchange_.hinted()) wanted_.push(true);
  return answer;
}

void revocation_spreading::spread(const revocation_exchange::news& n) {
  using subject = revocation_exchange::subject;
  if (n.head || n.share) announce(n.head ? subject::head : subject::share);
  if (n.content && !dropping_) {
    dropping_ = true;
    tasks_.spawn(drop_revoked_soon());
  }
  if (n.head || exchange_.hinted()) wanted_.push(true);
}

core::awaitable<void> revocation_spreading::drop_revoked_soon() {
  co_await core::sleep_for(env_, dropped_after);
  dropping_ = false;
  topology_.drop_revoked();
}

// Both neighbours, so that it goes around the ring whatever chance does, and some of those that are far away. Ordinary nodes ask.
void revocation_spreading::announce(revocation_exchange::subject what) {
  auto others = topology_.knows().neighbours();
  std::ranges::copy(topology_.knows().far_peers(), std::back_inserter(others));
  auto audience = exchange_.audience(what, topology_.knows().adjacent(), std::move(others), told_at_once);
  std::erase_if(audience, [this](const node_id& n) { return links_.to(n) == nullptr; });
  topology_.carries().announce_revocations(audience, exchange_.announcement());
}

// Those that have taken the list mostly have said so by themselves.
core::awaitable<revocation_reach> revocation_spreading::reach(core::time_point deadline) {
  const auto leafs = topology_.knows().neighbours();
  for (const auto& n : leafs) {
    if (exchange_.holds_all(n) || env_.now() >= deadline) continue;
    auto question = exchange_.question();
    const auto until = std::min(deadline, env_.now() + reach_answered_within);
    const auto answer = co_await topology_.carries().ask_on_link(n, link_subject::revocations, std::move(question), until);
    if (answer) spread(exchange_.on_answer(n, *answer));
  }
  revocation_reach r;
  r.number = exchange_.list().head().number;
  r.of = leafs.size();
  r.have = static_cast<std::size_t>(std::ranges::count_if(leafs, [this](const node_id& n) { return exchange_.holds_all(n); }));
  co_return r;
}

core::awaitable<void> revocation_spreading::keep() {
  bool met = false;  // somebody has answered
  auto retry = ask_again_min;
  while (true) {  // ends by cancellation
    const auto asked = co_await ask();
    met = met || asked != question_outcome::failed;
    auto pause = first_question_every;
    if (exchange_.behind()) {
      if (asked == question_outcome::useful) {
        retry = ask_again_min;
        continue;
      }
      pause = core::random_between(env_, retry / 2, retry);
      retry = std::min(2 * retry, ask_again_max);
    } else if (met) {
      retry = ask_again_min;
      pause = core::random_between(env_, compare_every / 2, compare_every);
      if (exchange_.list().number() == 0) pause = compare_without_list_every;
    }
    (void)co_await wanted_.receive(env_.now() + pause);  // news cut it short
  }
}

core::awaitable<revocation_spreading::question_outcome> revocation_spreading::ask() {
  const auto linked = links_.peers();
  const auto whom = exchange_.choose(linked);
  if (!whom) co_return question_outcome::failed;
  auto question = exchange_.question();
  const auto answer =
      co_await topology_.carries().ask_on_link(*whom, link_subject::revocations, std::move(question), env_.now() + answered_within);
  if (!answer) {
    exchange_.on_no_answer(*whom);
    co_return question_outcome::failed;
  }
  const auto n = exchange_.on_answer(*whom, *answer);
  spread(n);
  if (n.useful) co_return question_outcome::useful;
  co_return question_outcome::nothing_new;
}

}  // namespace phyllo::overlay
