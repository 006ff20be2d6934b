#include "admin/node_status.hpp"

#include "phyllo/node/version.hpp"

namespace phyllo::node {
namespace {

using nlohmann::json;

json ids(const std::vector<identity::node_id>& nodes) {
  auto out = json::array();
  for (const auto& n : nodes) out.push_back(n.hex());
  return out;
}

json routing_table(const overlay::peer_status& p) {
  auto out = json::array();
  for (const auto& e : p.routing_table)
    out.push_back({{"row", e.row}, {"column", e.column}, {"node_id", e.node.hex()}, {"rtt_ms", e.rtt_ms}});
  return out;
}

json links(const overlay::peer_status& p) {
  auto out = json::array();
  for (const auto& l : p.links) {
    const auto* transport = l.kind == transport::link_kind::dtls ? "dtls" : "tls";
    out.push_back({{"node_id", l.node.hex()}, {"address", l.address.text()}, {"transport", transport}, {"rung", transport::text_of(l.by)}});
  }
  return out;
}

// Locations have no opaque value: there the record itself is what a reader wants.
json value_of(const overlay::stored_value& v) {
  return {{"value", v.content.locations.empty() ? v.content.value : v.content.xml()},
          {"signer", v.signer},
          {"node_id", v.signer_node.hex()},
          {"storage_time", v.storage_time_ms},
          {"lifetime_s", v.lifetime_s}};
}

}  // namespace

const char* text_of(node_state s) noexcept {
  switch (s) {
    case node_state::joining: return "joining";
    case node_state::degraded: return "degraded";
    case node_state::ready: return "ready";
    case node_state::draining: return "draining";
  }
  return "joining";
}

json to_json(const node_status& s) {
  auto shards = json::array();
  for (const auto& one : s.shards) shards.push_back({{"bindings", one.bindings}, {"calls", one.calls}, {"transactions", one.transactions}});
  return {{"version", version},
          {"node_id", s.node_id},
          {"overlay", s.overlay},
          {"state", text_of(s.state)},
          {"role", s.role},
          {"reason", s.reason},
          {"alone", s.alone},
          {"clock", s.peer.clock},
          {"uptime_s", s.uptime_s},
          {"disk", {{"writable", s.disk.empty()}, {"reason", s.disk}, {"free_bytes", s.disk_free_bytes}}},
          {"anchors", s.anchors},
          {"document", {{"sequence", s.document_sequence}}},
          {"revocations",
           {{"number", s.peer.revocations.number}, {"newest", s.peer.revocations.newest}, {"entries", s.peer.revocations.entries}}},
          {"leaf_set", {{"size", s.peer.leaf_set.size}, {"left", ids(s.peer.leaf_set.left)}, {"right", ids(s.peer.leaf_set.right)}}},
          {"routing_table", routing_table(s.peer)},
          {"links", links(s.peer)},
          {"attachments", ids(s.peer.attachments)},
          {"storage",
           {{"records", s.peer.storage.records},
            {"primary", s.peer.storage.primary},
            {"replicas", s.peer.storage.replicas},
            {"under_replicated", s.peer.storage.under_replicated},
            {"synced", s.peer.storage.synced}}},
          {"sip", {{"bindings", s.sip.bindings}, {"calls", s.sip.calls}}},
          {"shards", std::move(shards)},
          {"drops", s.drops}};
}

json to_json(const overlay::name& n, const overlay::outcome& o) {
  auto values = json::array();
  for (const auto& v : o.values) values.push_back(value_of(v));
  return {{"name", n.text()},
          {"key", o.key.hex()},
          {"root", o.root.hex()},
          {"replicas", ids(o.replicas)},
          {"acknowledged", o.acknowledged},
          {"hops", o.hops},
          {"path", ids(o.path)},
          {"took_ms", std::chrono::duration<double, std::milli>(o.took).count()},
          {"state", identity::node_id{o.state}.hex()},
          {"values", values}};
}

}  // namespace phyllo::node
