// The way to a key as PathTrack found it: for programs, and as a table for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

// What `supernode overlay trace` and its admin request take: a name, or a key of 32 hex digits.
struct trace_target {
  std::string text;  // as names are printed; the key's digits where it is one
  overlay::resource_id key;

  // errc::usage says what was expected.
  [[nodiscard]] static core::result<trace_target> parse(const std::string& text);
};

// {"name", "key", "from", "hops": [{"hop", "node_id", "rtt_ms", "links", "load", "uptime_s", "routing_table_size",
// "values_stored"}], "root"}; instead of "root" {"stopped": {"error", "message"}} where the way ends before it. What a node
// does not say of itself is left out.
[[nodiscard]] nlohmann::json to_json(const trace_target& t, const overlay::trace_outcome& o);

// A line a node, this one first.
[[nodiscard]] std::string table_of(const nlohmann::json& trace);
// Why the way ends before the root, and what to do; empty: it does not.
[[nodiscard]] std::string complaint_of(const nlohmann::json& trace);

}  // namespace phyllo::node
