#include "trace_table.hpp"

#include <fmt/format.h>

namespace phyllo::command {
namespace {

using nlohmann::json;

std::string number_of(const json& hop, const char* key) {
  return hop.contains(key) ? fmt::format("{}", hop[key].get<std::uint64_t>()) : std::string("-");
}

std::string line_of(const json& hop) {
  return fmt::format("{:>3}  {:32}  {:>10.2f}  {:>4}  {:>10}  {:>10}\n", hop.value("hop", 0), hop.value("node_id", ""),
                     hop.value("rtt_ms", 0.0), number_of(hop, "load"), number_of(hop, "uptime_s"), number_of(hop, "values_stored"));
}

}  // namespace

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

}  // namespace phyllo::command
