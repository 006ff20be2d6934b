// Of the plug-in: an ordinary node, which RELOAD calls a client (RFC 6940 s.4.2; pastry.md s.9). It keeps links to a few
// peers, sends its requests through the one that is nearest to their key, and is reached by [peer, client].
#include <algorithm>

#include "pastry/pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration client_tick = 1s;
constexpr core::duration client_heartbeat = 4s;  // a peer that died in silence is found within this and three seconds
constexpr core::duration attach_timeout = 1500ms;
constexpr core::duration greet_timeout = 3s;
constexpr std::size_t places_max = 16;  // addresses that are tried at once
constexpr std::uint8_t spread_rows = 1;
// Of those who are cut off together each waits for a time of its own, longer with each failure: they come as rain, not as a flood.
constexpr core::duration pause_first = 300ms;
constexpr core::duration pause_longest = 10s;
constexpr core::duration spread = 1s;            // of those who are still attached, and look for one more
constexpr core::duration spread_of_few = 200ms;  // if one is left, or none
constexpr unsigned tries_at_once = 3;
constexpr core::duration set_aside_for = 1h;  // as those that were lost

}  // namespace

core::awaitable<core::status> pastry::attach_as_client(std::vector<transport::candidate> bootstrap, core::time_point deadline) {
  start();
  bootstrap_ = bootstrap;
  core::status last = core::fail(errc::timed_out, "no time to attach");
  while (attachments().empty() && state_ == peer_state::joining && env_.now() < deadline) {  // ends attached, in time, or stopped
    last = co_await attach_anywhere(deadline);
    if (!last) co_await pause_longer();
  }
  if (attachments().empty()) co_return last;
  if (state_ == peer_state::joining) {
    state_ = peer_state::ready;
    log_.info("attached to {} as an ordinary node", attachments().front().hex());
    scope_.spawn(keep_attached());
  }
  co_return core::status{};
}

std::vector<node_id> pastry::attachments() const {
  auto out = links_.peers();
  std::erase_if(out, [this](const node_id& n) { return !ring_.usable(n); });
  return out;
}

// A few of those met before and those given at the start, in any order: nobody is everybody's first.
std::vector<transport::candidate> pastry::some_places() {
  std::vector<std::vector<transport::candidate>> all;
  for (const auto& c : bootstrap_) {
    const bool same_host = !all.empty() && all.back().front().at == c.at;  // another kind of link to it
    if (!same_host) all.emplace_back();
    all.back().push_back(c);
  }
  for (const auto& [n, l] : lost_) {
    if (!l.candidates.empty()) all.push_back(l.candidates);
  }
  for (const auto& [n, k] : known_peers_) {
    if (!k.at.empty()) all.push_back(k.at);
  }
  std::vector<transport::candidate> out;
  while (!all.empty() && out.size() + all.back().size() <= places_max) {  // ends: each takes one away
    std::swap(all[core::random_u64(env_) % all.size()], all.back());
    out.insert(out.end(), all.back().begin(), all.back().end());
    all.pop_back();
  }
  return out;
}

core::awaitable<void> pastry::pause_longer() {
  client_pause_ = std::clamp(2 * client_pause_, pause_first, pause_longest);
  const auto span = core::random_between(env_, client_pause_ / 2, client_pause_);
  co_await core::sleep_for(env_, span);
}

// From nothing: whoever answers first of those met before and those given at the start.
core::awaitable<core::status> pastry::attach_anywhere(core::time_point deadline) {
  auto to = some_places();
  const auto found = co_await discover(std::move(to), deadline);
  if (!found) co_return core::fail(found.error());
  const bool good = co_await greet(*found);
  if (!good) co_return core::fail(errc::refused, found->hex() + " is not part of the ring");
  gate_ = *found;
  co_return core::status{};
}

// A probe says whether a peer is active, and which others it knows.
core::awaitable<bool> pastry::greet(node_id n) {
  probe(n);
  const auto until = env_.now() + greet_timeout;
  while (!ring_.usable(n) && probes_open_.contains(n) && env_.now() < until) {  // ends with its answer, or in time
    co_await core::sleep_for(env_, 10ms);
  }
  if (ring_.usable(n)) ask_for_peers(n);
  co_return ring_.usable(n);
}

void pastry::note_peer(const node_id& n, const node_id& named_by, places at) {
  if (n == ring_.self() || failed_.contains(n)) return;
  auto& k = known_peers_.try_emplace(n).first;
  k.named_by = named_by;
  if (!at.empty()) k.at = std::move(at);
}

void pastry::note_peers(const node_id& named_by, const leaf_set_state& s) {
  std::size_t index = 0;
  for (const auto* side : {&s.left, &s.right}) {
    for (const auto& n : *side) note_peer(n, named_by, s.named.of(index++));
  }
  for (const auto& n : s.failed) known_peers_.erase(n);
}

// A leaf set is of one part of the ring, which may fail together; the first rows of a routing table are of all parts.
void pastry::ask_for_peers(const node_id& n) {
  route_query_request q;
  q.target = destination::to_resource(ring_.self());
  q.type = query_type::rows;
  q.last_row = spread_rows;
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.print();
  auto done = [this, n](const core::result<answer>& a) {
    if (!a || a->contents.code != code::route_query_req + 1) return;
    const auto rows = route_query_answer::read(a->contents.body);
    if (!rows) return;
    for (const auto& row : rows->rows) {
      for (std::size_t i = 0; i < row.entries.size(); ++i) note_peer(row.entries[i], n, row.named.of(i));
    }
  };
  messenger_.request({destination::to_node(n)}, std::move(m), env_.now() + greet_timeout, {.link_only = true}, std::move(done));
}

std::vector<transport::endpoint> pastry::known_places() const {
  std::vector<transport::endpoint> out;
  for (const auto& [n, k] : known_peers_) {
    if (!k.at.empty()) out.push_back(k.at.front().at);
  }
  return out;
}

// All that start know the same few places. Who stayed there would be one of thousands, and lose all when those die.
void pastry::leave_gate() {
  if (!gate_ || attachments().size() <= options_.attachments) return;
  for (const auto& l : links_.of(*gate_)) l->close();
  gate_.reset();
}

// One more for as long as it hangs on the gate, and knows whom to go to.
std::size_t pastry::wanted_attachments() const {
  if (!gate_ || !ring_.usable(*gate_)) return options_.attachments;
  const bool others = std::ranges::any_of(known_peers_, [this](const auto& k) { return links_.to(k.first) == nullptr; });
  return options_.attachments + (others ? 1 : 0);
}

core::awaitable<void> pastry::keep_attached() {
  while (true) {  // ends by cancellation, at stop()
    const auto attached = attachments();
    for (const auto& n : attached) {
      if (env_.now() - ring_.record(n).said >= client_heartbeat) probe(n);
    }
    if (!attached.empty()) client_pause_ = {};
    if (attached.empty()) {
      const auto found = co_await attach_anywhere(env_.now() + greet_timeout);
      if (!found) {
        log_.warning("not attached: {}", found.error().message());
        co_await pause_longer();
      }
    } else if (attached.size() < wanted_attachments()) {
      const auto span = core::random_between(env_, 0s, attached.size() > 1 ? spread : spread_of_few);
      co_await core::sleep_for(env_, span);
      co_await attach_one_more();
    }
    leave_gate();
    client_alarm_->set(env_.now() + client_tick);
    co_await client_alarm_->wait();
  }
}

// Peers that an attached one knows, until one takes us: it may name some that have just died. Who can not be reached now, because whoever
// named it is gone, or for another reason, is tried again when all are.
core::awaitable<void> pastry::attach_one_more() {
  const auto set_aside = [this](const node_id& n, const known_peer& k) {
    if (!k.at.empty()) lost_.try_emplace(n).first = {k.at, env_.now() + set_aside_for};
  };
  for (unsigned i = 0; i < tries_at_once; ++i) {
    known_peers_.erase_if([this, &set_aside](const auto& k) {
      if (links_.to(k.first) != nullptr) return true;
      if (ring_.usable(k.second.named_by)) return false;
      set_aside(k.first, k.second);
      return true;
    });
    if (known_peers_.empty()) break;
    const auto at = std::next(known_peers_.begin(), static_cast<std::ptrdiff_t>(core::random_u64(env_) % known_peers_.size()));
    const auto n = at->first;
    const auto known = at->second;
    known_peers_.erase(n);
    const bool linked = co_await link_as_client(n, known.named_by);
    if (!linked) {
      set_aside(n, known);
      continue;
    }
    co_await greet(n);
    co_return;
  }
  for (const auto& n : attachments()) probe(n);  // whom do they know now?
}

// It is asked to dial us, as in any Attach; behind a NAT it can not, and we dial it.
core::awaitable<bool> pastry::link_as_client(node_id n, node_id via) {
  ring_.learn_places(n, {});  // what it answers with, if it lives
  const bool linked = co_await attach(n, via, env_.now() + attach_timeout);
  if (linked) co_return true;
  const auto candidates = ring_.record(n).candidates.all();
  if (candidates.empty() || !dialling_.insert(n).second) co_return false;
  co_await dial(n, candidates, env_.now() + dial_timeout);
  co_return links_.to(n) != nullptr;
}

// A joiner is not active yet either: it is counted until it is.
bool pastry::room_for_client(const node_id& n) {
  if (const auto* r = ring_.find(n); r != nullptr && r->active) return true;
  if (!client_rate_.take(env_.now())) return false;
  if (links_.nodes() < options_.clients_max) return true;
  const auto peers = links_.peers();
  const auto outside = [this](const node_id& p) {
    const auto* r = ring_.find(p);
    return r == nullptr || !r->active;
  };
  return static_cast<std::size_t>(std::ranges::count_if(peers, outside)) < options_.clients_max;
}

}  // namespace phyllo::overlay
