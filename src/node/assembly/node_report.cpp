#include "assembly/node_report.hpp"

#include "phyllo/node/anchor.hpp"
#include "settings/certificate_check.hpp"

namespace phyllo::node {

node_facts node_report::facts() const {
  node_facts f;
  f.state = parts_.progress.state;
  f.waiting_for = parts_.progress.waiting_for;
  f.ring.clock = parts_.clock.wrong();
  if (peer_ != nullptr) f.ring = peer_->status();
  f.alone = parts_.ring.alone();
  f.lost_others = parts_.ring.lost_others();
  f.lack = parts_.credential.lacks();
  if (disk_ != nullptr) f.disk = disk_->wrong();
  return f;
}

node_status node_report::status() const {
  auto f = facts();
  const auto verdict = verdict_of(f);
  node_status s;
  s.state = verdict.state;
  s.reason = verdict.reason;
  s.overlay = parts_.settings.overlay.name;
  s.role = parts_.settings.node.role;
  if (peer_ != nullptr) s.role = peer_->client() ? "ordinary" : "supernode";
  s.uptime_s = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(parts_.env.now() - started_).count());
  if (const auto* own = parts_.credential.certificate()) s.node_id = own->node().hex();
  s.peer = std::move(f.ring);
  s.sip = parts_.sip.status();
  s.shards = parts_.sip.of_shards();
  if (parts_.document.there()) {
    const auto& content = parts_.document.in_force().content;
    s.anchors = anchor_fingerprints(content);
    s.document_sequence = content.sequence;
  }
  s.alone = f.alone;
  s.drops = parts_.metrics.drops();
  for (const auto& [reason, n] : parts_.sip.drops_of_fronts()) s.drops[reason] += n;
  if (disk_ != nullptr) s.disk_free_bytes = disk_->free_bytes();
  s.disk = f.disk.value_or(std::string());
  return s;
}

health node_report::healthz() const {
  health probed;
  if (parts_.progress.state == node_state::ready && probe_) probed = probe_->report();
  return health_of(facts(), std::move(probed));
}

void node_report::measure() {
  gauges_.set(status());
  std::vector<core::bytes> roots;
  if (parts_.document.there()) roots = parts_.document.in_force().content.root_certificates;
  auto ends = certificate_ends(parts_.settings, parts_.ports.web_chain(), roots);
  if (const auto* own = parts_.credential.certificate()) ends.push_back({"node", own->not_after()});
  gauges_.set(ends, parts_.env.wall_now());
}

}  // namespace phyllo::node
