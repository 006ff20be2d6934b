#include "storage/record_writer.hpp"

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
constexpr const char* not_responsible = "not responsible now";

std::vector<kind_id> kinds_of(const store_request& body) {
  std::vector<kind_id> kinds;
  for (const auto& kd : body.kinds) kinds.push_back(kd.kind);
  return kinds;
}

}  // namespace

core::awaitable<message_contents> record_writer::store(incoming request, request_options o) {
  auto body = store_rules::read(request.contents.body, share_.kinds());
  if (!body) co_return std::move(body.error());
  if (body->replica_number != 0) co_return replica_store(request, *body, o);
  co_return co_await original_store(std::move(request), std::move(*body), o);
}

core::awaitable<message_contents> record_writer::original_store(incoming request, store_request body, request_options o) {
  const auto deadline = env_.now() + options_.write_timeout;
  if (!responsible_for(body.resource)) co_return make_error(error_code::request_timeout, not_responsible);
  store_rules::certificates signers;
  auto placed = body;
  rules_.place_appended(placed);
  if (auto refused = rules_.judge_all(request, placed, true, signers)) co_return std::move(*refused);
  if (o.if_absent || store_rules::depends_on_state(body)) {
    auto kinds = kinds_of(body);
    const auto known = co_await learn_what_is_held(body.resource, std::move(kinds), deadline);
    if (!known) co_return make_error(error_code::request_timeout, "no quorum to judge the condition by");
  }
  rules_.place_appended(body);
  if (auto refused = rules_.conditions(body, o)) co_return std::move(*refused);
  rules_.take_original(body, signers);
  auto keys = store_rules::keys_of(body);
  co_return co_await replicate(body.resource, std::move(keys), deadline);
}

bool record_writer::responsible_for(const resource_id& resource) const {
  return ring_.active() && share_.sets().stand_in(resource) == ring_.self();
}

// What is absent here may be held by others. A root that knows all of its view may be behind all the same: who takes it for dead has
// another node stand in for it, and that one's writes need not have come here yet.
core::awaitable<core::status> record_writer::learn_what_is_held(resource_id resource, std::vector<kind_id> kinds,
                                                                core::time_point deadline) {
  while (true) {  // ends when a quorum was read in the view that still is, or at the deadline
    share_.refresh();
    if (!responsible_for(resource)) co_return core::fail(errc::timed_out, not_responsible);
    const auto view = share_.sets().view(resource);
    const auto read = co_await reader_.quorum_read(resource, kinds, false, deadline);
    if (!read) co_return read;
    share_.refresh();
    if (share_.sets().view(resource) == view && responsible_for(resource)) co_return core::status();
  }
}

core::awaitable<message_contents> record_writer::replicate(resource_id resource, std::vector<item_key> keys, core::time_point deadline) {
  for (auto pause = first_write_pause;;
       pause = std::min(2 * pause, longest_write_pause)) {  // ends decided, with another root, or at the deadline
    const auto round = co_await replicate_once(resource, keys, deadline);
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
    if (!responsible_for(resource)) co_return make_error(error_code::request_timeout, not_responsible);
  }
}

core::awaitable<write_quorum> record_writer::replicate_once(resource_id resource, std::vector<item_key> keys, core::time_point deadline) {
  share_.refresh();
  write_quorum q(share_.sets().set(resource), ring_.self());
  const auto targets = q.targets();
  const auto now = env_.now();
  if (share_.late().empty()) share_.alarm().wake();
  const auto number = share_.late().sent(targets, resource, now);
  const auto until = std::min(deadline, now + 1s);  // then the ring may look different
  auto message = replica_store_message(share_.store(), self_.certificate, resource, keys, share_.sets().view(resource), now);
  const auto box = asker_.make_arrivals(targets.size());
  asker_.ask_each(box, targets, std::move(message), until, resource, number);
  while (q.next() == write_quorum::step::wait) {  // ends when decided or at the deadline
    auto next = co_await box->receive(until);
    if (!next) break;
    q.take(next->from, next->got);
  }
  co_return q;
}

core::awaitable<void> record_writer::take_newer(node_id from, resource_id resource, std::vector<item_key> keys, core::time_point deadline) {
  share_.refresh();
  std::set<kind_id> kinds;
  for (const auto& key : keys) kinds.insert(key.kind);
  auto m = replica_fetch_message(share_.kinds(), resource, {kinds.begin(), kinds.end()}, share_.sets().view(resource));
  const auto got = co_await ring_.request(from, std::move(m), deadline);
  if (got) reader_.merge_fetched(resource, got->contents);
}

message_contents record_writer::replica_store(const incoming& request, const store_request& body, const request_options& o) {
  const auto from = request.signer.node();
  const auto refuse = [&](std::string_view why) {
    auto m = make_error(error_code::forbidden, why);
    m.extensions.push_back(*share_.state_of(body.resource));
    return m;
  };
  if (!share_.sets().near(body.resource, from)) return refuse("not of the neighbourhood");
  if (!share_.sets().has(body.resource, ring_.self())) return refuse("view");
  if (std::ranges::any_of(body.kinds, [](const auto& k) { return k.generation == 0; }))
    return make_error(error_code::invalid_message, "generation 0");
  store_rules::certificates signers;
  if (auto refused = rules_.judge_all(request, body, false, signers)) return std::move(*refused);
  if (auto refused = rules_.conditions(body, {})) {
    refused->extensions.push_back(*share_.state_of(body.resource));
    return std::move(*refused);
  }
  rules_.take_copy(body, signers);
  // What is held is held; but only a confirmation in one view counts for the writer.
  if (o.view && *o.view != share_.sets().view(body.resource)) return refuse("view");
  if (o.view && share_.sets().root(body.resource) != from && share_.sets().stand_in(body.resource) != from) return refuse("root");
  return rules_.answer_for(body.resource, store_rules::keys_of(body), 0);
}

}  // namespace phyllo::overlay
