// Of the peer: the revocation list on its way through the overlay (pastry.md, "Revocations").
#include <algorithm>

#include "peer/peer_impl.hpp"

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

core::status peer_impl::take_revocations(identity::revocation_list::next n) {
  const auto taken = revocations_.take(std::move(n));
  if (!taken) return core::fail(taken.error());
  spread(*taken);
  return {};
}

void peer_impl::on_revocations(const node_id& from, core::byte_view announced) {
  spread(revocations_.on_announced(from, announced));
  if (revocations_.behind()) revocations_wanted_.push(true);  // it may hold what is lacking
}

core::bytes peer_impl::give_revocations(const node_id& to, core::byte_view question) {
  auto answer = revocations_.answer(to, question);
  if (revocations_.hinted()) revocations_wanted_.push(true);
  return answer;
}

void peer_impl::spread(const revocation_exchange::news& n) {
  using subject = revocation_exchange::subject;
  if (n.head || n.share) announce_revocations(n.head ? subject::head : subject::share);
  if (n.content && !dropping_revoked_) {
    dropping_revoked_ = true;
    scope_.spawn(drop_revoked_soon());
  }
  if (n.head || revocations_.hinted()) revocations_wanted_.push(true);
}

core::awaitable<void> peer_impl::drop_revoked_soon() {
  co_await core::sleep_for(env_, dropped_after);
  dropping_revoked_ = false;
  topology_->drop_revoked();
}

// Both neighbours, so that it goes around the ring whatever chance does, and some of those that are far away. Ordinary nodes ask.
void peer_impl::announce_revocations(revocation_exchange::subject what) {
  auto others = topology_->knows().neighbours();
  std::ranges::copy(topology_->knows().far_peers(), std::back_inserter(others));
  auto audience = revocations_.audience(what, topology_->knows().adjacent(), std::move(others), told_at_once);
  std::erase_if(audience, [this](const node_id& n) { return links_.to(n) == nullptr; });
  topology_->carries().announce_revocations(audience, revocations_.announcement());
}

// Those that have taken the list mostly have said so by themselves.
core::awaitable<revocation_reach> peer_impl::reach_of_revocations(core::time_point deadline) {
  const auto leafs = topology_->knows().neighbours();
  for (const auto& n : leafs) {
    if (revocations_.holds_all(n) || env_.now() >= deadline) continue;
    auto question = revocations_.question();
    const auto until = std::min(deadline, env_.now() + reach_answered_within);
    const auto answer = co_await topology_->carries().ask_on_link(n, link_subject::revocations, std::move(question), until);
    if (answer) spread(revocations_.on_answer(n, *answer));
  }
  revocation_reach r;
  r.number = revocations_.list().head().number;
  r.of = leafs.size();
  r.have = static_cast<std::size_t>(std::ranges::count_if(leafs, [this](const node_id& n) { return revocations_.holds_all(n); }));
  co_return r;
}

core::awaitable<void> peer_impl::keep_revocations() {
  bool met = false;  // somebody has answered
  auto retry = ask_again_min;
  while (true) {  // ends by cancellation
    const auto asked = co_await ask_for_revocations();
    met = met || asked != question_outcome::failed;
    auto pause = first_question_every;
    if (revocations_.behind()) {
      if (asked == question_outcome::useful) {
        retry = ask_again_min;
        continue;
      }
      pause = core::random_between(env_, retry / 2, retry);
      retry = std::min(2 * retry, ask_again_max);
    } else if (met) {
      retry = ask_again_min;
      pause = core::random_between(env_, compare_every / 2, compare_every);
      if (revocations_.list().number() == 0) pause = compare_without_list_every;
    }
    (void)co_await revocations_wanted_.receive(env_.now() + pause);  // news cut it short
  }
}

core::awaitable<peer_impl::question_outcome> peer_impl::ask_for_revocations() {
  const auto linked = links_.peers();
  const auto whom = revocations_.choose(linked);
  if (!whom) co_return question_outcome::failed;
  auto question = revocations_.question();
  const auto answer =
      co_await topology_->carries().ask_on_link(*whom, link_subject::revocations, std::move(question), env_.now() + answered_within);
  if (!answer) {
    revocations_.on_no_answer(*whom);
    co_return question_outcome::failed;
  }
  const auto n = revocations_.on_answer(*whom, *answer);
  spread(n);
  if (n.useful) co_return question_outcome::useful;
  co_return question_outcome::nothing_new;
}

}  // namespace phyllo::overlay
