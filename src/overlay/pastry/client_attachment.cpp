#include "pastry/client_attachment.hpp"

#include <algorithm>
#include <iterator>

#include "pastry/topology_messages.hpp"

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

}  // namespace

client_attachment::client_attachment(const role_parts& parts, std::size_t attachments)
    : parts_(parts),
      attachments_(attachments),
      known_(known_peers_max, core::random_hash_key(parts.env)),
      alarm_(parts.env.make_timer()),
      scope_(parts.env) {}

core::awaitable<core::status> client_attachment::join(places bootstrap, core::time_point deadline) {
  bootstrap_ = std::move(bootstrap);
  const auto attached = co_await attach(deadline);
  if (attached && parts_.own.joining()) {
    parts_.own.become(peer_state::ready);
    parts_.log.info("attached to {} as an ordinary node", attachments().front().hex());
  }
  co_return attached;
}

core::awaitable<core::status> client_attachment::attach(core::time_point deadline) {
  core::status last = core::fail(errc::timed_out, "no time to attach");
  while (attachments().empty() && !stopped_ && parts_.env.now() < deadline) {  // ends attached, in time, or stopped
    last = co_await attach_anywhere(deadline);
    if (!last) co_await pause_longer();
  }
  if (attachments().empty()) co_return last;
  if (!stopped_) scope_.spawn(keep_attached());
  co_return core::status{};
}

void client_attachment::seek(places place) {
  if (!place.empty()) bootstrap_ = std::move(place);
}

void client_attachment::halt() {
  stopped_ = true;
  scope_.cancel();
}

core::awaitable<void> client_attachment::stop() {
  halt();
  co_await scope_.join();
}

std::vector<node_id> client_attachment::attachments() const {
  auto out = parts_.links.peers();
  std::erase_if(out, [this](const node_id& n) { return !parts_.ring.usable(n); });
  return out;
}

std::vector<transport::endpoint> client_attachment::known_places() const {
  std::vector<transport::endpoint> out;
  for (const auto& [n, k] : known_) {
    if (!k.at.empty()) out.push_back(k.at.front().at);
  }
  return out;
}

void client_attachment::describe(peer_status& s) const {
  s.client = true;
  s.attachments = attachments();
  s.known_places = known_places();
}

// A few of those met before and those given at the start, in any order: nobody is everybody's first.
places client_attachment::some_places() {
  std::vector<places> all;
  for (const auto& c : bootstrap_) {
    const bool same_host = !all.empty() && all.back().front().at == c.at;  // another kind of link to it
    if (!same_host) all.emplace_back();
    all.back().push_back(c);
  }
  for (auto& p : parts_.failed.lost().all()) all.push_back(std::move(p));
  for (const auto& [n, k] : known_) {
    if (!k.at.empty()) all.push_back(k.at);
  }
  places out;
  while (!all.empty() && out.size() + all.back().size() <= places_max) {  // ends: each takes one away
    std::swap(all[core::random_u64(parts_.env) % all.size()], all.back());
    out.insert(out.end(), all.back().begin(), all.back().end());
    all.pop_back();
  }
  return out;
}

core::awaitable<void> client_attachment::pause_longer() {
  pause_ = std::clamp(2 * pause_, pause_first, pause_longest);
  const auto span = core::random_between(parts_.env, pause_ / 2, pause_);
  co_await core::sleep_for(parts_.env, span);
}

// From nothing: whoever answers first of those met before and those given at the start.
core::awaitable<core::status> client_attachment::attach_anywhere(core::time_point deadline) {
  auto to = some_places();
  const auto found = co_await parts_.joiner.finder().find(std::move(to), deadline);
  if (!found) co_return core::fail(found.error());
  const bool good = co_await greet(*found);
  if (!good) co_return core::fail(errc::refused, found->hex() + " is not part of the ring");
  gate_ = *found;
  co_return core::status{};
}

// A probe says whether a peer is active, and which others it knows.
core::awaitable<bool> client_attachment::greet(node_id n) {
  parts_.views.ask_for_state(n);
  const auto until = parts_.env.now() + greet_timeout;
  while (!parts_.ring.usable(n) && parts_.views.asked(n) && parts_.env.now() < until) {  // ends with its answer, or in time
    co_await core::sleep_for(parts_.env, 10ms);
  }
  if (parts_.ring.usable(n)) ask_for_peers(n);
  co_return parts_.ring.usable(n);
}

void client_attachment::note_peer(const node_id& n, const node_id& named_by, places at) {
  if (n == parts_.ring.self() || parts_.views.failed(n)) return;
  auto& k = known_.try_emplace(n).first;
  k.named_by = named_by;
  if (!at.empty()) k.at = std::move(at);
}

bool client_attachment::take_state(const node_id& from, const leaf_set_state& s, bool) {
  std::size_t index = 0;
  for (const auto* side : {&s.left, &s.right}) {
    for (const auto& n : *side) note_peer(n, from, s.named.of(index++));
  }
  for (const auto& n : s.failed) known_.erase(n);
  return false;
}

// A leaf set is of one part of the ring, which may fail together; the first rows of a routing table are of all parts.
void client_attachment::ask_for_peers(const node_id& n) {
  route_query_request q;
  q.target = destination::to_resource(parts_.ring.self());
  q.type = query_type::rows;
  q.last_row = spread_rows;
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.encode();
  auto done = [this, n](const core::result<answer>& a) {
    if (!a || a->contents.code != code::route_query_req + 1) return;
    const auto rows = route_query_answer::decode(a->contents.body);
    if (!rows) return;
    for (const auto& row : rows->rows) {
      for (std::size_t i = 0; i < row.entries.size(); ++i) note_peer(row.entries[i], n, row.named.of(i));
    }
  };
  parts_.messages.requests().ask({destination::to_node(n)}, std::move(m), parts_.env.now() + greet_timeout, {.link_only = true},
                                 std::move(done));
}

// All that start know the same few places. Who stayed there would be one of thousands, and lose all when those die.
void client_attachment::leave_gate() {
  if (!gate_ || attachments().size() <= attachments_) return;
  for (const auto& l : parts_.links.of(*gate_)) l->close();
  gate_.reset();
}

// One more for as long as it hangs on the gate, and knows whom to go to.
std::size_t client_attachment::wanted_attachments() const {
  if (!gate_ || !parts_.ring.usable(*gate_)) return attachments_;
  const bool others = std::ranges::any_of(known_, [this](const auto& k) { return parts_.links.to(k.first) == nullptr; });
  return attachments_ + (others ? 1 : 0);
}

core::awaitable<void> client_attachment::keep_attached() {
  while (true) {  // ends by cancellation, at stop()
    const auto attached = attachments();
    for (const auto& n : attached) {
      if (parts_.env.now() - parts_.ring.record(n).link.said >= client_heartbeat) parts_.views.ask_for_state(n);
    }
    if (!attached.empty()) pause_ = {};
    if (attached.empty()) {
      const auto found = co_await attach_anywhere(parts_.env.now() + greet_timeout);
      if (!found) {
        parts_.log.warning("not attached: {}", found.error().message());
        co_await pause_longer();
      }
    } else if (attached.size() < wanted_attachments()) {
      const auto span = core::random_between(parts_.env, 0s, attached.size() > 1 ? spread : spread_of_few);
      co_await core::sleep_for(parts_.env, span);
      co_await attach_one_more();
    }
    leave_gate();
    alarm_->set(parts_.env.now() + client_tick);
    co_await alarm_->wait();
  }
}

// Who can not be reached now, because whoever named it is gone, is tried again when all are.
void client_attachment::set_aside_unreachable() {
  known_.erase_if([this](const auto& k) {
    if (parts_.links.to(k.first) != nullptr) return true;
    if (parts_.ring.usable(k.second.named_by)) return false;
    parts_.failed.lost().note(k.first, k.second.at, parts_.env.now());
    return true;
  });
}

// Peers that an attached one knows, until one takes us: it may name some that have just died.
core::awaitable<void> client_attachment::attach_one_more() {
  for (unsigned i = 0; i < tries_at_once; ++i) {
    set_aside_unreachable();
    if (known_.empty()) break;
    const auto at = std::next(known_.begin(), static_cast<std::ptrdiff_t>(core::random_u64(parts_.env) % known_.size()));
    const auto n = at->first;
    const auto known = at->second;
    known_.erase(n);
    const bool linked = co_await link_to(n, known.named_by);
    if (!linked) {
      parts_.failed.lost().note(n, known.at, parts_.env.now());
      continue;
    }
    co_await greet(n);
    co_return;
  }
  for (const auto& n : attachments()) parts_.views.ask_for_state(n);  // whom do they know now?
}

// It is asked to dial us, as in any Attach; behind a NAT it can not, and we dial it.
core::awaitable<bool> client_attachment::link_to(node_id n, node_id via) {
  parts_.ring.learn_places(n, {});  // what it answers with, if it lives
  const bool linked = co_await parts_.making.attach(n, via, parts_.env.now() + attach_timeout);
  if (linked) co_return true;
  const auto candidates = parts_.ring.record(n).candidates.all();
  if (candidates.empty()) co_return false;
  co_return co_await parts_.making.dial(n, candidates, parts_.env.now() + link_maker::dial_timeout);
}

std::unique_ptr<pastry_role> make_client_role(const role_parts& parts, const peer_options& options) {
  return std::make_unique<client_attachment>(parts, options.attachments);
}

}  // namespace phyllo::overlay
