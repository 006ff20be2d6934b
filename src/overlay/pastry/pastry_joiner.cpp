#include "pastry/pastry_joiner.hpp"

#include <algorithm>
#include <string>

#include "reload/await_answer.hpp"
#include "reload/ring.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration step_timeout = 5s;
constexpr core::duration link_step_timeout = 2s;  // to a node that another one has named
constexpr core::duration backoff_min = 500ms;
constexpr core::duration backoff_max = 1500ms;
constexpr core::duration rejoin_pause = 2s;
constexpr core::duration rejoin_attempt = 30s;
constexpr core::duration poll = 20ms;  // between looks at open probes; they end by answers, not by this clock

pastry_join::action give_up(core::error why) { return {.why = std::move(why)}; }

}  // namespace

core::awaitable<core::status> pastry_joiner::join(places bootstrap, core::time_point deadline) {
  bootstrap_ = bootstrap;
  forming_.begin();
  core::status last = core::fail(errc::timed_out, "no time to join");
  std::string told;
  while (parts_.own.joining() && parts_.env.now() < deadline) {  // ends active, at the deadline or when stopped
    last = co_await attempt(bootstrap, deadline);
    if (last) co_return core::status{};
    if (!parts_.own.joining()) break;  // stopped
    forming_.note_looked();
    if (const auto why = parts_.clock.text(); !why.empty()) last = core::fail(errc::refused, why + ": " + last.error().message());
    if (told != last.error().message()) parts_.log.info("joining again: {}", last.error().message());
    told = last.error().message();
    withdraw();
    co_await core::sleep_for(parts_.env, core::random_between(parts_.env, 100ms, 300ms));
  }
  if (parts_.own.state() == peer_state::ready) co_return core::status{};
  co_return last;
}

// While others can not be judged this node is no member: it would be asked, and never answer.
void pastry_joiner::step_out() {
  // What is open says that this node is active; no answer to it would be believed, and it would be sent again after the farewell.
  for (const auto& n : parts_.links.peers()) parts_.messages.requests().give_up(n);
  parts_.membership.say_leave();
  parts_.own.become(peer_state::joining);
  parts_.scope.spawn(rejoin());
}

core::awaitable<void> pastry_joiner::rejoin() {
  const auto given = bootstrap_;
  while (parts_.own.joining()) {  // ends active, or stopped
    co_await core::sleep_for(parts_.env, rejoin_pause);
    if (parts_.clocks.blind()) continue;
    auto through = given;
    for (const auto& p : parts_.failed.lost().all()) through.insert(through.end(), p.begin(), p.end());
    const auto joined = co_await join(std::move(through), parts_.env.now() + rejoin_attempt);
    bootstrap_ = given;
    if (!joined) parts_.log.info("not back in the ring: {}", joined.error().message());
  }
}

core::awaitable<core::status> pastry_joiner::attempt(places bootstrap, core::time_point deadline) {
  using task = pastry_join::task;
  auto todo = machine_.begin();
  while (true) {  // ends active, or with this attempt
    switch (todo.what) {
      case task::discover: todo = co_await discover(bootstrap, deadline); break;
      case task::ask_rows:
      case task::ask_by_link: todo = co_await ask_for_rows(todo, deadline); break;
      case task::link_for_rows: todo = co_await link_for_rows(todo, deadline); break;
      case task::attach: todo = co_await attach_to_root(todo.node, deadline); break;
      case task::ask_admission: todo = co_await ask_admission(todo.node, deadline); break;
      case task::pause: todo = co_await pause(); break;
      case task::give_back: todo = give_back(todo.nodes); break;
      case task::ask_grant: parts_.probes.send(todo.node, leaf_set_state::flag_asks); [[fallthrough]];
      case task::await_answers: todo = co_await await_answers(); break;
      case task::activate: co_return become_active();
      case task::give_up: co_return core::fail(todo.why.value_or(forming_.nobody_active()));
    }
  }
}

core::awaitable<pastry_joiner::action> pastry_joiner::discover(places bootstrap, core::time_point deadline) {
  const auto first = co_await finder_.find(std::move(bootstrap), deadline, machine_.first());
  if (!first) co_return give_up(first.error());
  co_return machine_.discovered(*first, parts_.env.now());
}

core::awaitable<pastry_joiner::action> pastry_joiner::ask_for_rows(action a, core::time_point deadline) {
  route_query_request q;
  q.target = destination::to_resource(parts_.ring.self());
  q.type = query_type::rows;
  q.last_row = 255;
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.encode();
  const bool by_link = a.what == pastry_join::task::ask_by_link;
  destination_list to{destination::to_node(a.node)};
  if (!by_link && a.node != machine_.first()) to.insert(to.begin(), destination::to_node(machine_.first()));
  const requester::options options{.link_only = by_link};
  const auto until = std::min(deadline, parts_.env.now() + step_timeout);
  const auto answered = co_await await_answer(parts_.env, parts_.messages.requests(), std::move(to), std::move(m), until, options);
  if (!answered) co_return machine_.rows_missed(answered.error(), parts_.own.joining());
  const auto rows = route_query_answer::decode(answered->contents.body);
  if (answered->contents.code != code::route_query_req + 1 || !rows) co_return machine_.told_rows(nullptr, now());
  if (rows->state.has(leaf_set_state::flag_active)) {
    // Its lists are of its own place on the ring, not of this node's.
    if (parts_.links.to(a.node) != nullptr) parts_.views.learn_state(a.node, rows->state);
    parts_.table.consider(a.node, parts_.env.now() - machine_.asked_at(), rows->rows);
  }
  co_return machine_.told_rows(&*rows, now());
}

core::awaitable<pastry_joiner::action> pastry_joiner::link_for_rows(action a, core::time_point deadline) {
  const auto until = std::min(deadline, parts_.env.now() + link_step_timeout);
  const bool linked = co_await parts_.making.ensure(a.node, std::nullopt, std::move(a.where), until);
  co_return machine_.linked_for_rows(linked, parts_.own.joining());
}

// Attach goes to Resource-ID X + 1 (RFC 6940 s.11.4), unless the root is linked already.
core::awaitable<pastry_joiner::action> pastry_joiner::attach_to_root(node_id root, core::time_point deadline) {
  if (parts_.links.to(root) == nullptr) {
    const auto until = std::min(deadline, parts_.env.now() + step_timeout);
    const auto linked = co_await parts_.making.attach_to_root(successor(parts_.ring.self()), until);
    if (!linked) co_return give_up({errc::unreachable, "no link to the root " + root.hex()});
    root = *linked;
  }
  request_ = message_contents();
  request_.code = code::join_req;
  request_.body = membership_request{parts_.ring.self(), parts_.own.tell()}.encode();
  co_return machine_.attached(root);
}

core::awaitable<pastry_joiner::action> pastry_joiner::ask_admission(node_id root, core::time_point deadline) {
  const destination_list to{destination::to_node(root)};
  const requester::options by_link{.link_only = true};
  const auto until = std::min(deadline, parts_.env.now() + step_timeout);
  const auto answered = co_await await_answer(parts_.env, parts_.messages.requests(), to, request_, until, by_link);
  if (!answered) co_return give_up(answered.error());
  if (answered->contents.code == code::join_req + 1) {
    const auto state = decode_join_answer(answered->contents.body);
    if (!state) co_return give_up(state.error());
    parts_.ring.record(root).admitted = true;  // the way to it was asked from node to node: those whom it names are of this ring
    parts_.views.learn(root, *state);
    co_return machine_.admitted(deadline, now());
  }
  const auto error = read_error(answered->contents);
  if (!error || error->code != error_code::in_progress) co_return give_up({errc::refused, "by the root " + root.hex()});
  co_return machine_.refused();
}

core::awaitable<pastry_joiner::action> pastry_joiner::pause() {
  const auto span = core::random_between(parts_.env, backoff_min, backoff_max);
  co_await core::sleep_for(parts_.env, span);
  co_return machine_.paused(now());
}

pastry_joiner::action pastry_joiner::give_back(const std::vector<node_id>& to) {
  for (const auto& n : to) {
    if (parts_.links.to(n) != nullptr) parts_.probes.send(n, leaf_set_state::flag_leaving);
  }
  return machine_.gave_back(now());
}

// It looks every 20 ms: answers that come meanwhile are taken together, and what is asked next is asked by the newest of them.
core::awaitable<pastry_joiner::action> pastry_joiner::await_answers() {
  while (!all_answered() && parts_.env.now() < machine_.until() && parts_.own.joining()) {  // ends with the last, in time, or stopped
    co_await core::sleep_for(parts_.env, poll);
  }
  co_return machine_.answered(all_answered(), now());
}

bool pastry_joiner::all_answered() const { return !parts_.views.meeting_any() && machine_.all_answered(parts_.probes.open()); }

core::status pastry_joiner::become_active() {
  if (!parts_.own.joining()) return core::fail(errc::not_joined, "the peer has stopped");
  machine_.finished();
  parts_.membership.activate();
  parts_.table.fill();
  return {};
}

// Gives back what was granted, so that others need not wait for it to expire.
void pastry_joiner::withdraw() {
  for (const auto& n : parts_.links.peers()) {
    if (machine_.asked_grant_of(n) || parts_.ring.usable(n)) parts_.probes.send(n, leaf_set_state::flag_leaving);
  }
  machine_.withdrawn();
  parts_.own.drop_grants();
}

}  // namespace phyllo::overlay
