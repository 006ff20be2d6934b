#include "admin/trace_report.hpp"

#include "phyllo/node/outcome.hpp"

namespace phyllo::node {
namespace {

using nlohmann::json;

double milliseconds(core::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

json hop_of(const overlay::trace_hop& h, std::size_t number) {
  json out{{"hop", number}, {"node_id", h.node.hex()}, {"rtt_ms", milliseconds(h.round_trip)}, {"links", h.links}};
  if (h.load) out["load"] = *h.load;
  if (h.uptime_s) out["uptime_s"] = *h.uptime_s;
  if (h.routing_table_size) out["routing_table_size"] = *h.routing_table_size;
  if (h.values_stored) out["values_stored"] = *h.values_stored;
  return out;
}

}  // namespace

json to_json(const trace_target& t, const overlay::trace_outcome& o) {
  auto hops = json::array();
  for (const auto& h : o.hops) hops.push_back(hop_of(h, hops.size() + 1));
  json out{{"name", t.text}, {"key", t.key.hex()}, {"from", o.from.hex()}, {"hops", std::move(hops)}};
  if (o.stopped) {
    out["stopped"] = {{"error", error_token(*o.stopped)}, {"message", o.stopped->message()}};
  } else {
    out["root"] = o.hops.empty() ? o.from.hex() : o.hops.back().node.hex();
  }
  return out;
}

}  // namespace phyllo::node
