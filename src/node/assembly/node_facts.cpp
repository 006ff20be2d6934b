#include "assembly/node_facts.hpp"

#include "assembly/ring_search.hpp"

namespace phyllo::node {
namespace {

// What the last attempt to join failed by is one link's; whom the node waits for is known at any time.
std::string waiting_reason(const node_facts& f) {
  return f.ring.waits_for.empty() ? f.waiting_for : "joining the overlay: " + f.ring.waits_for;
}

std::optional<std::string> out_of_ring(const node_facts& f) {
  return f.state == node_state::ready ? why_out_of_ring(f.ring) : std::nullopt;
}

}  // namespace

node_verdict verdict_of(const node_facts& f) {
  node_verdict v;
  v.state = f.state;
  if (const auto out = out_of_ring(f)) {
    v.state = node_state::joining;
    v.reason = *out;
  }
  if (v.state == node_state::ready && f.lack) v.state = node_state::degraded;
  if (f.state == node_state::joining) v.reason = waiting_reason(f);
  if (f.state != node_state::draining && f.lack) v.reason = *f.lack;
  return v;
}

health health_of(const node_facts& f, health probed) {
  auto h = std::move(probed);
  const auto ill = [&](const std::string& why) {
    h.good = false;
    h.report["reason"] = why;
  };
  if (f.state == node_state::ready) h.report["alone"] = f.alone;
  if (!f.ring.clock.empty()) h.report["clock"] = f.ring.clock;
  if (const auto out = out_of_ring(f)) ill(*out);
  if (f.lost_others) ill("alone: none of the other nodes that this one knows is in the ring with it");
  if (f.state == node_state::joining) h.report["reason"] = waiting_reason(f);
  if (f.lack) ill(*f.lack);
  if (f.state == node_state::draining) h.report["reason"] = "draining";
  if (f.disk) ill("what is to be kept is not written: " + *f.disk);
  h.report["state"] = text_of(verdict_of(f).state);
  return h;
}

}  // namespace phyllo::node
