#include "admin/trace_report.hpp"

#include <fmt/format.h>

#include "admin/outcome.hpp"

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

std::string number_of(const json& hop, const char* key) {
  return hop.contains(key) ? fmt::format("{}", hop[key].get<std::uint64_t>()) : std::string("-");
}

std::string line_of(const json& hop) {
  return fmt::format("{:>3}  {:32}  {:>10.2f}  {:>4}  {:>10}  {:>10}\n", hop.value("hop", 0), hop.value("node_id", ""),
                     hop.value("rtt_ms", 0.0), number_of(hop, "load"), number_of(hop, "uptime_s"), number_of(hop, "values_stored"));
}

}  // namespace

core::result<trace_target> trace_target::parse(const std::string& text) {
  if (const auto key = identity::node_id::from_hex(text)) return trace_target{key->hex(), *key};
  const auto name = overlay::name::parse(text);
  if (name) return trace_target{name->text(), name->key()};
  return core::fail(errc::usage, fmt::format("expected [type:]user@domain, or a key of 32 hex digits, not \"{}\"", text));
}

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

std::string table_of(const json& trace) {
  auto out = fmt::format("{:>3}  {:32}  {:>10}  {:>4}  {:>10}  {:>10}\n", "hop", "node", "rtt (ms)", "load", "uptime (s)", "values");
  out += fmt::format("{:>3}  {:32}  {:>10}\n", 0, trace.value("from", ""), "this node");
  for (const auto& hop : trace["hops"]) out += line_of(hop);
  if (trace.contains("root")) out += fmt::format("root {} of key {}\n", trace["root"].get<std::string>(), trace.value("key", ""));
  return out;
}

std::string complaint_of(const json& trace) {
  if (!trace.contains("stopped")) return {};
  const auto& hops = trace["hops"];
  const auto last = hops.empty() ? trace.value("from", "") : hops.back().value("node_id", "");
  return fmt::format("the way to {} ends behind {}: {}; the ring may be under repair: ask again in 10 s, then see `supernode status` there",
                     trace.value("name", ""), last, trace["stopped"].value("message", ""));
}

}  // namespace phyllo::node
