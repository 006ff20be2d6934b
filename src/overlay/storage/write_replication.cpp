#include "storage/write_replication.hpp"

#include <algorithm>
#include <set>

#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"
#include "storage/replica_messages.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {

// The ring is looked at anew soon at first; what has not healed after some rounds is asked for less and less often.
constexpr core::duration first_write_pause = 100ms;
constexpr core::duration longest_write_pause = 800ms;

}  // namespace

core::awaitable<message_contents> write_replication::run(resource_id resource, std::vector<item_key> keys, core::time_point deadline) {
  for (auto pause = first_write_pause;;
       pause = std::min(2 * pause, longest_write_pause)) {  // ends decided, with another root, or at the deadline
    const auto round = co_await round_of(resource, keys, deadline);
    if (round.next() == write_quorum::step::done) co_return rules_.answer_for(resource, keys, round.holders());
    if (round.next() == write_quorum::step::superseded) {
      co_await take_newer(*round.newer(), resource, keys, deadline);
      co_return rules_.too_old(resource, keys);
    }
    if (round.next() == write_quorum::step::refused) co_return make_error(round.refusal()->code, round.refusal()->info);
    if (env_.now() + pause >= deadline) co_return make_error(error_code::request_timeout, "no majority confirmed in time");
    co_await core::sleep_for(env_, pause);
    share_.refresh();
    // Nobody would confirm it for this node: the writer asks whoever is root now, who judges its conditions anew.
    if (!rules_.responsible(resource)) co_return make_error(error_code::request_timeout, store_rules::not_responsible);
  }
}

core::awaitable<write_quorum> write_replication::round_of(resource_id resource, std::vector<item_key> keys, core::time_point deadline) {
  auto set = share_.sets().set(resource);
  write_quorum q(set, ring_.self());
  const auto targets = q.targets();
  if (targets.empty()) co_return q;
  const auto now = env_.now();
  if (share_.late().empty()) share_.alarm().wake();
  const auto number = share_.late().sent(targets, resource, now);
  const auto until = std::min(deadline, now + 1s);  // then the ring may look different
  const auto view = replica_sets::view_of(std::move(set));
  auto message = replica_store_message(share_.store(), self_.certificate, resource, keys, view, now);
  const auto box = asker_.make_arrivals(targets.size());
  asker_.ask_each(box, targets, std::move(message), until, resource, number);
  while (q.next() == write_quorum::step::wait) {  // ends when decided or at the deadline
    auto next = co_await box->receive(until);
    if (!next) break;
    q.take(next->from, next->got);
  }
  co_return q;
}

core::awaitable<void> write_replication::take_newer(node_id from, resource_id resource, std::vector<item_key> keys,
                                                    core::time_point deadline) {
  share_.refresh();
  std::set<kind_id> kinds;
  for (const auto& key : keys) kinds.insert(key.kind);
  auto m = replica_fetch_message(share_.kinds(), resource, {kinds.begin(), kinds.end()}, share_.sets().view(resource));
  const auto got = co_await ring_.request(from, std::move(m), deadline);
  if (got) reader_.merge_fetched(resource, got->contents);
}

}  // namespace phyllo::overlay
