#include "admin/trace_report.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"

namespace trace_report_test {

using namespace phyllo;
using nlohmann::json;

namespace {

const identity::node_id here{.octets = {1}};
const identity::node_id there{.octets = {2}};

node::trace_target target() { return node::trace_target::parse("note:alice@example.com").value(); }

overlay::trace_outcome one_hop() {
  overlay::trace_outcome o{.from = here, .hops = {}, .stopped = {}};
  o.hops.push_back({.node = there,
                    .round_trip = std::chrono::microseconds(1500),
                    .links = 1,
                    .load = 0,
                    .routing_table_size = 12,
                    .uptime_s = 3600,
                    .values_stored = {}});
  return o;
}

}  // namespace

TEST_CASE("each hop has its number and what the node says of itself, and the last one is the root") {
  const auto trace = node::to_json(target(), one_hop());
  CHECK(trace["key"] == target().key.hex());
  CHECK(trace["from"] == here.hex());
  CHECK(trace["root"] == there.hex());
  const json hop{{"hop", 1},  {"node_id", there.hex()},   {"rtt_ms", 1.5},   {"links", 1},
                 {"load", 0}, {"routing_table_size", 12}, {"uptime_s", 3600}};
  CHECK(trace["hops"] == json::array({hop}));
}

TEST_CASE("a node that is the root itself says so") {
  const overlay::trace_outcome o{.from = here, .hops = {}, .stopped = {}};
  const auto trace = node::to_json(target(), o);
  CHECK(trace["root"] == here.hex());
  CHECK(trace["hops"].empty());
}

TEST_CASE("a way that ends early says by what, and names no root") {
  auto o = one_hop();
  o.stopped = core::error(overlay::errc::timed_out, "PathTrack");
  const auto trace = node::to_json(target(), o);
  CHECK_FALSE(trace.contains("root"));
  CHECK(trace["stopped"]["error"] == "timed_out");
  CHECK(trace["hops"].size() == 1);
}

}  // namespace trace_report_test
