#include "command/trace_table.hpp"

#include <doctest.h>

namespace trace_table_test {

using namespace phyllo;
using nlohmann::json;

namespace {

const std::string here = "01000000000000000000000000000000";
const std::string there = "02000000000000000000000000000000";

// As the node answers it.
json one_hop() {
  return {{"name", "note:alice@example.com"},
          {"key", "00112233445566778899aabbccddeeff"},
          {"from", here},
          {"hops", {{{"hop", 1}, {"node_id", there}, {"rtt_ms", 1.5}, {"links", 1}, {"load", 0}, {"uptime_s", 3600}}}},
          {"root", there}};
}

}  // namespace

TEST_CASE("the table has a line a node with its round-trip time, and a dash for what a node does not say") {
  CHECK(command::table_of(one_hop()) ==
        "hop  node                                rtt (ms)  load  uptime (s)      values\n"
        "  0  01000000000000000000000000000000   this node\n"
        "  1  02000000000000000000000000000000        1.50     0        3600           -\n"
        "root 02000000000000000000000000000000 of key 00112233445566778899aabbccddeeff\n");
  CHECK(command::complaint_of(one_hop()).empty());
}

TEST_CASE("a way that ends early names the last node that answered, and what to do") {
  auto trace = one_hop();
  trace.erase("root");
  trace["stopped"] = {{"error", "timed_out"}, {"message", "timed out: PathTrack"}};
  CHECK(command::table_of(trace).find("root") == std::string::npos);
  const auto complaint = command::complaint_of(trace);
  CHECK(complaint.find("ends behind " + there) != std::string::npos);
  CHECK(complaint.find("PathTrack") != std::string::npos);
  CHECK(complaint.find("ask again") != std::string::npos);
}

TEST_CASE("what ended a way, or a request, is told for programs") {
  auto trace = one_hop();
  CHECK_FALSE(command::ends_early(trace));
  CHECK(command::error_token_of(trace).empty());
  trace["stopped"] = {{"error", "timed_out"}};
  CHECK(command::ends_early(trace));
  CHECK(command::error_token_of(trace) == "timed_out");
  CHECK(command::error_token_of(json{{"error", "not_found"}}) == "not_found");
}

TEST_CASE("an answer of any form is shown as far as it is one") {
  auto trace = one_hop();
  trace["hops"] = {5, {{"hop", "one"}, {"node_id", 7}, {"rtt_ms", "fast"}, {"load", -1}, {"uptime_s", 1.5}}};
  trace["from"] = nullptr;
  trace["root"] = 7;
  trace["stopped"] = "here";
  trace["name"] = json::array();
  const auto empty_hop = "  0" + std::string(42, ' ') + "0.00     -           -           -\n";
  const auto table = command::table_of(trace);
  CHECK(table.find(empty_hop + empty_hop) != std::string::npos);
  CHECK(table.find("root") == std::string::npos);
  CHECK(command::complaint_of(trace).starts_with("the way to  ends behind : ;"));
  for (const auto& any : {json(), json(5), json("text"), json::array({1}), json::object()}) {
    CHECK(command::table_of(any).starts_with("hop  node"));
    CHECK(command::complaint_of(any).empty());
    CHECK(command::error_token_of(any).empty());
  }
}

}  // namespace trace_table_test
