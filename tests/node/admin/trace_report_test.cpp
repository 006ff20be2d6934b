#include "admin/trace_report.hpp"

#include <doctest.h>

#include "phyllo/node/errc.hpp"

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

TEST_CASE("a trace's target is a name or 32 hex digits, and nothing else") {
  CHECK(target().key == overlay::name::parse("note:alice@example.com").value().key());
  const auto key = node::trace_target::parse(there.hex());
  REQUIRE(key.has_value());
  CHECK(key->key == there);
  const auto wrong = node::trace_target::parse("02");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error() == node::errc::usage);
  CHECK(wrong.error().message().find("expected [type:]user@domain, or a key of 32 hex digits, not \"02\"") != std::string::npos);
}

TEST_CASE("the table has a line a node with its round-trip time, and a dash for what a node does not say") {
  const auto table = node::table_of(node::to_json(target(), one_hop()));
  CHECK(table ==
        "hop  node                                rtt (ms)  load  uptime (s)      values\n"
        "  0  01000000000000000000000000000000   this node\n"
        "  1  02000000000000000000000000000000        1.50     0        3600           -\n"
        "root 02000000000000000000000000000000 of key " +
            target().key.hex() + "\n");
  CHECK(node::complaint_of(node::to_json(target(), one_hop())).empty());
}

TEST_CASE("a node that is the root itself says so") {
  const overlay::trace_outcome o{.from = here, .hops = {}, .stopped = {}};
  const auto trace = node::to_json(target(), o);
  CHECK(trace["root"] == here.hex());
  CHECK(trace["hops"].empty());
}

TEST_CASE("a way that ends early names the last node that answered, and what to do") {
  auto o = one_hop();
  o.stopped = core::error(overlay::errc::timed_out, "PathTrack");
  const auto trace = node::to_json(target(), o);
  CHECK_FALSE(trace.contains("root"));
  CHECK(node::table_of(trace).find("root") == std::string::npos);
  const auto complaint = node::complaint_of(trace);
  CHECK(complaint.find("ends behind " + there.hex()) != std::string::npos);
  CHECK(complaint.find("PathTrack") != std::string::npos);
  CHECK(complaint.find("ask again") != std::string::npos);
}

}  // namespace trace_report_test
