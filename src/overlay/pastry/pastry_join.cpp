// Of the plug-in: how this node joins (specification of the Pastry plug-in, joining).
//   DISCOVER -> ROWS -> ATTACH -> JOIN -> PROBE -> ACTIVE
#include <algorithm>

#include "pastry/pastry.hpp"
#include "reload/ring.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr unsigned hops_max = 32;     // of the iterative look-up of the root
constexpr unsigned refusals_max = 5;  // Error_In_Progress, then ROWS again: the root may be another by now
constexpr core::duration step_timeout = 5s;
constexpr core::duration link_step_timeout = 2s;  // to a node that another one has named
constexpr core::duration backoff_min = 500ms;
constexpr core::duration backoff_max = 1500ms;
constexpr core::duration poll = 20ms;  // between looks at open probes; they end by answers, not by this clock

// Where `n` is, by the words of one that knows it.
places told_of(const route_query_answer& a, const node_id& n) {
  for (const auto& row : a.rows) {
    const auto at = std::ranges::find(row.entries, n);
    if (at != row.entries.end()) return row.named.of(static_cast<std::size_t>(at - row.entries.begin()));
  }
  auto leafs = a.state.left;
  leafs.insert(leafs.end(), a.state.right.begin(), a.state.right.end());
  return a.state.named.of(static_cast<std::size_t>(std::ranges::find(leafs, n) - leafs.begin()));  // none of those beyond the end
}

}  // namespace

core::awaitable<core::status> pastry::join(places bootstrap, core::time_point deadline) {
  if (client_) co_return co_await attach_as_client(std::move(bootstrap), deadline);
  if (!self_->certificate.may_be_peer()) co_return core::fail(errc::refused, "the certificate does not give the right to be a peer");
  bootstrap_ = bootstrap;
  if (!std::exchange(gathering_, true)) scope_.spawn(gather());
  core::status last = core::fail(errc::timed_out, "no time to join");
  std::string told;
  while (state_ == peer_state::joining && env_.now() < deadline) {  // ends active, at the deadline or when stopped
    last = co_await join_once(bootstrap, deadline);
    if (last) co_return core::status{};
    if (state_ != peer_state::joining) break;  // stopped
    looked_ = true;
    if (const auto why = clock_.text(); !why.empty()) last = core::fail(errc::refused, why + ": " + last.error().message());
    if (told != last.error().message()) log_.info("joining again: {}", last.error().message());
    told = last.error().message();
    withdraw();
    co_await core::sleep_for(env_, core::random_between(env_, 100ms, 300ms));
  }
  if (state_ == peer_state::ready) co_return core::status{};
  co_return last;
}

core::awaitable<core::status> pastry::join_once(std::vector<transport::candidate> bootstrap, core::time_point deadline) {
  join_states_.clear();
  const auto first = co_await discover(std::move(bootstrap), deadline);
  if (!first) co_return core::fail(first.error());
  first_ = *first;
  const auto root = co_await find_root(*first, deadline);
  if (!root) co_return core::fail(root.error());
  auto admitted = co_await be_admitted(*root, deadline);
  if (!admitted) co_return admitted;
  auto settled = co_await settle_between_neighbours(deadline);
  if (!settled) co_return settled;
  if (state_ != peer_state::joining) co_return core::fail(errc::not_joined, "the peer has stopped");
  join_states_ = {};  // some hundred leaf sets that nobody asks for again
  activate();
  table_.fill();
  co_return core::status{};
}

// DISCOVER: any active node will do; one that is linked already, or whoever answers first. The one through which the last attempt went
// comes last: it may be why that one failed.
core::awaitable<core::result<node_id>> pastry::discover(places bootstrap, core::time_point deadline) {
  for (const auto& [n, r] : ring_.records()) {
    if (n != first_ && ring_.usable(n)) co_return n;
  }
  const auto own = layer_.candidates();
  std::erase_if(bootstrap, [&](const transport::candidate& c) { return std::ranges::find(own, c) != own.end(); });
  std::erase_if(bootstrap,
                [&](const transport::candidate& c) { return linked_at(c); });  // those are not active yet, and say so when they are
  if (bootstrap.empty() && ring_.usable(first_)) co_return first_;
  if (bootstrap.empty()) co_return core::fail(nobody_active());
  const auto until = std::min(deadline, env_.now() + step_timeout);
  const auto linked = co_await link_maker_.dial_anybody(bootstrap, until);
  if (!linked && ring_.usable(first_)) co_return first_;
  if (!linked) {
    const auto tried = bootstrap.front().at.text() + (bootstrap.size() > 1 ? " and others" : "");
    co_return core::fail(errc::refused, "no link to " + tried + ": " + linked.error().message());
  }
  co_return *linked;
}

// ROWS: asks node after node on the way to this node's own place, collecting rows; the last one is the root.
core::awaitable<core::result<node_id>> pastry::find_root(node_id first, core::time_point deadline) {
  auto at = first;
  places where;
  for (unsigned hop = 0; hop < hops_max; ++hop) {
    const auto asked_at = env_.now();
    const auto answered = co_await ask_for_rows(first, at, where, deadline);
    if (!answered) co_return core::fail(answered.error());
    const auto rows = route_query_answer::read(answered->contents.body);
    if (answered->contents.code != code::route_query_req + 1 || !rows) co_return core::fail(errc::refused, "no rows from " + at.hex());
    if (!rows->state.has(leaf_set_state::flag_active)) co_return core::fail(nobody_active());
    // Its lists are of its own place on the ring, not of this node's.
    if (links_.to(at) != nullptr) learn_state(at, rows->state);
    table_.consider(at, env_.now() - asked_at, rows->rows);
    if (rows->next_peer == at) co_return at;
    at = rows->next_peer;
    where = told_of(*rows, at);
  }
  co_return core::fail(errc::unreachable, "the way to this node's place does not end");
}

// Through `first`; and where that brings no answer by a link of its own. `first` may have lost its way to `at`, or takes another process
// with this node's key for this one and answers that: by a link only who has asked is answered.
core::awaitable<core::result<answer>> pastry::ask_for_rows(node_id first, node_id at, places where, core::time_point deadline) {
  route_query_request q;
  q.target = destination::to_resource(ring_.self());
  q.type = query_type::rows;
  q.last_row = 255;
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.print();
  destination_list to{destination::to_node(first)};
  if (at != first) to.push_back(destination::to_node(at));
  auto answered = co_await ask(std::move(to), m, std::min(deadline, env_.now() + step_timeout));
  if (answered || at == first || where.empty() || state_ != peer_state::joining) co_return answered;
  const bool linked = co_await link_maker_.ensure(at, std::nullopt, std::move(where), std::min(deadline, env_.now() + link_step_timeout));
  if (!linked || state_ != peer_state::joining) co_return answered;  // or stopped meanwhile
  const destination_list direct{destination::to_node(at)};
  const messenger::request_options by_link{.link_only = true};
  const auto until = std::min(deadline, env_.now() + step_timeout);
  co_return co_await ask(direct, std::move(m), until, by_link);
}

// ATTACH and JOIN. Attach goes to Resource-ID X + 1 (RFC 6940 s.11.4), unless the root is linked already.
core::awaitable<core::status> pastry::be_admitted(node_id root, core::time_point deadline) {
  if (state_ != peer_state::joining) co_return core::fail(errc::refused, "it has formed the ring itself");
  const auto until = std::min(deadline, env_.now() + step_timeout);
  if (links_.to(root) == nullptr) {
    const auto linked = co_await link_maker_.attach_to_root(successor(ring_.self()), until);
    if (!linked) co_return core::fail(errc::unreachable, "no link to the root " + root.hex());
    root = *linked;
  }
  const membership_request join{ring_.self(), my_state()};
  message_contents m;
  m.code = code::join_req;
  m.body = join.print();
  for (unsigned refused = 0; refused < refusals_max; ++refused) {
    const destination_list to{destination::to_node(root)};
    const messenger::request_options by_link{.link_only = true};
    const auto step = std::min(deadline, env_.now() + step_timeout);
    const auto answered = co_await ask(to, m, step, by_link);
    if (!answered) co_return core::fail(answered.error());
    if (answered->contents.code == code::join_req + 1) {
      const auto state = read_join_answer(answered->contents.body);
      if (!state) co_return core::fail(state.error());
      ring_.record(root).admitted = true;  // the way to it was asked from node to node: those whom it names are of this ring
      learn(root, *state);
      co_return core::status{};
    }
    const auto error = read_error(answered->contents);
    if (!error || error->code != error_code::in_progress) co_return core::fail(errc::refused, "by the root " + root.hex());
    co_await core::sleep_for(env_, core::random_between(env_, backoff_min, backoff_max));
  }
  co_return core::fail(errc::refused, "others are joining at " + root.hex());
}

// PROBE: until every leaf has answered and both neighbours name this node. Grants are asked for in the order of
// Node-IDs, so that two joiners never wait for each other.
core::awaitable<core::status> pastry::settle_between_neighbours(core::time_point deadline) {
  const auto until = std::min(deadline, env_.now() + 4 * step_timeout);
  while (env_.now() < until && state_ == peer_state::joining) {  // ends granted, in time, or stopped
    co_await probes_answered(until);
    if (ring_.leafs.empty()) co_return core::fail(errc::refused, "no active neighbour is left");
    const auto two = sides();
    give_back_beyond(two.first);
    bool granted = co_await be_granted(two.first, until);
    if (granted && two.second != two.first) granted = co_await be_granted(two.second, until);
    co_await probes_answered(until);  // of those whom the two have named
    if (granted && all_answered() && !ring_.leafs.empty() && sides() == two) co_return core::status{};
  }
  co_return core::fail(errc::timed_out, "no place between neighbours");
}

// The smaller Node-ID first. L is not empty.
std::pair<node_id, node_id> pastry::sides() const { return std::minmax({ring_.leafs.left_neighbour(), ring_.leafs.right_neighbour()}); }

// Of each node one answer is enough: on a bad network there is always a probe open that asks a suspect again.
bool pastry::all_answered() const {
  const auto answered = [this](const node_id& n) { return std::ranges::find(join_states_, n, &probed::first) != join_states_.end(); };
  return meeting_.empty() && std::ranges::all_of(probes_open_, [&](const auto& open) { return answered(open.first); });
}

core::awaitable<void> pastry::probes_answered(core::time_point deadline) {
  while (!all_answered() && env_.now() < deadline && state_ == peer_state::joining) {  // ends with the last, in time, or stopped
    co_await core::sleep_for(env_, poll);
  }
}

// Asked for in the order of Node-IDs, also when this node learns only now who its neighbours are: what it holds of larger ones goes back
// first. Two joiners, each with the grant that the other one waits for, would keep all others waiting, too.
void pastry::give_back_beyond(const node_id& neighbour) {
  const auto kept = granted_by_.upper_bound(neighbour);
  for (auto at = kept; at != granted_by_.end(); ++at) {
    if (links_.to(*at) != nullptr) probe(*at, leaf_set_state::flag_leaving);
  }
  granted_by_.erase(kept, granted_by_.end());
}

// Busy: again in 0.5 to 1.5 s. False: it is gone, or somebody stands between it and this node.
core::awaitable<bool> pastry::be_granted(node_id neighbour, core::time_point deadline) {
  while (env_.now() < deadline && state_ == peer_state::joining) {  // ends with a yes, a no, in time, or stopped
    granted_by_.insert(neighbour);
    std::erase_if(join_states_, [&](const auto& s) { return s.first == neighbour; });
    probe(neighbour, leaf_set_state::flag_asks);
    co_await probes_answered(deadline);
    const auto said = std::ranges::find(join_states_, neighbour, &probed::first);
    if (said == join_states_.end() || !said->second.has(leaf_set_state::flag_active)) co_return false;
    const auto& s = said->second;
    const bool beside = (!s.left.empty() && s.left.front() == ring_.self()) || (!s.right.empty() && s.right.front() == ring_.self());
    if (beside) co_return true;
    if (!ring_.leafs.has_neighbour(neighbour) || !s.has(leaf_set_state::flag_busy)) co_return false;
    co_await core::sleep_for(env_, core::random_between(env_, backoff_min, backoff_max));
  }
  co_return false;
}

// Gives back what was granted, so that others need not wait for it to expire.
void pastry::withdraw() {
  for (const auto& n : links_.peers()) {
    if (granted_by_.contains(n) || ring_.usable(n)) probe(n, leaf_set_state::flag_leaving);
  }
  granted_by_.clear();
  grants_.clear();
}

}  // namespace phyllo::overlay
