#include "trace_table.hpp"

#include <fmt/format.h>

#include "json_member.hpp"

namespace phyllo::command {
namespace {

using nlohmann::json;

std::string number_of(const json& hop, const char* key) {
  const auto n = number_at(hop, key);
  return n ? fmt::format("{}", *n) : std::string("-");
}

std::string line_of(const json& hop) {
  return fmt::format("{:>3}  {:32}  {:>10.2f}  {:>4}  {:>10}  {:>10}\n", number_at(hop, "hop").value_or(0), text_at(hop, "node_id"),
                     real_at(hop, "rtt_ms"), number_of(hop, "load"), number_of(hop, "uptime_s"), number_of(hop, "values_stored"));
}

}  // namespace

bool ends_early(const json& trace) { return trace.contains("stopped"); }

std::string error_token_of(const json& answer) { return text_at(object_at(answer, "stopped").value_or(answer), "error"); }

std::string table_of(const json& trace) {
  auto out = fmt::format("{:>3}  {:32}  {:>10}  {:>4}  {:>10}  {:>10}\n", "hop", "node", "rtt (ms)", "load", "uptime (s)", "values");
  out += fmt::format("{:>3}  {:32}  {:>10}\n", 0, text_at(trace, "from"), "this node");
  for (const auto& hop : list_at(trace, "hops")) out += line_of(hop);
  if (const auto root = text_at(trace, "root"); !root.empty()) out += fmt::format("root {} of key {}\n", root, text_at(trace, "key"));
  return out;
}

std::string complaint_of(const json& trace) {
  if (!ends_early(trace)) return {};
  const auto hops = list_at(trace, "hops");
  const auto last = hops.empty() ? text_at(trace, "from") : text_at(hops.back(), "node_id");
  const auto stopped = object_at(trace, "stopped").value_or(json::object());
  return fmt::format("the way to {} ends behind {}: {}; the ring may be under repair: ask again in 10 s, then see `supernode status` there",
                     text_at(trace, "name"), last, text_at(stopped, "message"));
}

}  // namespace phyllo::command
