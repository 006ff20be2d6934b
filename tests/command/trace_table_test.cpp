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

}  // namespace trace_table_test
