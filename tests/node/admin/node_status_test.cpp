#include "admin/node_status.hpp"

#include <doctest.h>

namespace node_status_test {

using namespace phyllo;
using nlohmann::json;

namespace {

identity::node_id id(std::uint8_t n) {
  identity::node_id out;
  out.octets.back() = n;
  return out;
}

}  // namespace

TEST_CASE("the status has exactly the members that others rely on") {
  node::node_status s;
  s.state = node::node_state::ready;
  s.node_id = id(1).hex();
  s.overlay = "o.example.com";
  s.uptime_s = 7;
  s.reason = "joining the overlay";
  s.disk = "/d: No space left on device";
  s.disk_free_bytes = 3;
  s.anchors = {"sha256:00"};
  s.document_sequence = 4;
  s.peer.revocations = {5, 6, 7};
  s.role = "ordinary";
  s.peer.attachments = {id(5)};
  s.peer.leaf_set.size = 2;
  s.peer.leaf_set.left = {id(2)};
  s.peer.leaf_set.right = {id(3)};
  s.peer.routing_table.push_back({1, 2, id(4), 1.5});
  s.peer.links.push_back({id(2), {asio::ip::make_address("127.0.1.2"), 6084}, transport::link_kind::tls, {}, transport::rung::https});
  s.peer.storage = {9, 4, 5, 1, true};
  s.sip.bindings = 3;
  s.sip.calls = 2;
  s.drops = {{"noise", 8}};
  s.alone = true;
  s.peer.clock = "the clock of this node is 3 h 0 min behind";
  const auto expected = json::parse(R"({
    "version": "0.1.0", "node_id": "00000000000000000000000000000001", "overlay": "o.example.com", "state": "ready", "role": "ordinary", "uptime_s": 7,
    "alone": true, "clock": "the clock of this node is 3 h 0 min behind",
    "reason": "joining the overlay", "disk": {"writable": false, "reason": "/d: No space left on device", "free_bytes": 3},
    "attachments": ["00000000000000000000000000000005"],
    "anchors": ["sha256:00"], "document": {"sequence": 4}, "revocations": {"number": 5, "newest": 6, "entries": 7},
    "leaf_set": {"size": 2, "left": ["00000000000000000000000000000002"], "right": ["00000000000000000000000000000003"]},
    "routing_table": [{"row": 1, "column": 2, "node_id": "00000000000000000000000000000004", "rtt_ms": 1.5}],
    "links": [{"node_id": "00000000000000000000000000000002", "address": "127.0.1.2:6084", "transport": "tls", "rung": "https"}],
    "storage": {"records": 9, "primary": 4, "replicas": 5, "under_replicated": 1, "synced": true},
    "sip": {"bindings": 3, "calls": 2}, "shards": [], "drops": {"noise": 8}})");
  CHECK(node::to_json(s) == expected);
}

TEST_CASE("a node that has nothing yet prints empty lists and objects, not nulls") {
  const auto out = node::to_json(node::node_status());
  CHECK(out["state"] == "joining");
  CHECK(out["links"] == json::array());
  CHECK(out["routing_table"] == json::array());
  CHECK(out["drops"] == json::object());
}

TEST_CASE("an operation's outcome has exactly the members that others rely on") {
  overlay::outcome o;
  o.key = id(9);
  o.root = id(2);
  o.replicas = {id(3), id(4)};
  o.acknowledged = 3;
  o.hops = 1;
  o.path = {id(1), id(2)};
  o.took = std::chrono::microseconds(1500);
  o.state = id(7).octets;
  overlay::stored_value v;
  v.content.value = "hello";
  v.signer = "node1@example.com";
  v.signer_node = id(6);
  v.storage_time_ms = 1'767'225'600'000;
  v.lifetime_s = 60;
  o.values = {v};
  const auto out = node::to_json(overlay::name{"data", "alice@example.com"}, o);
  CHECK(out == json::parse(R"({"name": "data:alice@example.com", "key": "00000000000000000000000000000009",
    "root": "00000000000000000000000000000002", "replicas": ["00000000000000000000000000000003", "00000000000000000000000000000004"],
    "acknowledged": 3, "hops": 1, "path": ["00000000000000000000000000000001", "00000000000000000000000000000002"], "took_ms": 1.5,
    "state": "00000000000000000000000000000007", "values": [{"value": "hello", "signer": "node1@example.com", "node_id": "00000000000000000000000000000006", "storage_time": 1767225600000, "lifetime_s": 60}]})"));
}

}  // namespace node_status_test
