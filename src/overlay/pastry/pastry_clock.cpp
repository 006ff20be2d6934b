#include "pastry/pastry_clock.hpp"

#include <algorithm>

#include "pastry/topology_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration watch_every = 1s;

}  // namespace

void pastry_clock::note(const node_id& n, const leaf_set_state& s) {
  auto& r = ring_.record(n);
  if (r.peer) r.clock_off = parts_.clock.told(n, s.clock_ms, r.clock_off);  // clients come with any clock
}

// It may still say what its sender's clock shows: it came on the sender's own link, which TLS made with this certificate.
void pastry_clock::note_unjudged(const node_id& n, const message_contents& m) {
  if (!ring_.record(n).peer) return;
  parts_.clock.unjudged(n);
  if (m.code == code::route_query_req) {
    const auto q = route_query_request::decode(m.body);
    if (q && q->type == query_type::probe) note(n, q->state);
  } else if (m.code == code::route_query_req + 1) {
    const auto a = route_query_answer::decode(m.body);
    if (a && a->type == query_type::probe) note(n, a->state);
  }
  upkeep_.look_at(parts_.env.now() + watch_every);
  up_.on_agenda_changed();
}

bool pastry_clock::watch(core::time_point now) {
  if (!parts_.clock.troubled()) return false;
  for (const auto& n : parts_.links.peers()) {
    if (ring_.record(n).peer) probes_.reconcile(n);  // what does its clock show?
  }
  upkeep_.look_at(now + watch_every);
  if (!ring_.active || !blind()) return false;
  parts_.log.error("{}, and can not judge what they say: it leaves the ring until the clocks agree", parts_.clock.text());
  return true;
}

bool pastry_clock::blind() {
  const auto peers = parts_.links.peers();
  const auto linked = std::ranges::count_if(peers, [this](const node_id& n) { return ring_.record(n).peer; });
  return parts_.clock.blind(static_cast<std::size_t>(linked));
}

}  // namespace phyllo::overlay
