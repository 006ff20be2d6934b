#include "sip/location.hpp"

#include <doctest.h>

namespace location_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const core::wall_time noon = core::from_unix_milliseconds(1'767'225'600'000);
const location_self self{overlay::node_id{{1}}, "192.0.2.1", {"UDP5060", "TCP5060", "TLS5061"}};

binding bound(const char* contact, std::vector<std::string> path) {
  binding b;
  b.contact = uri::parse(contact).value();
  b.key = binding_key({}, 0, b.contact);
  b.path = std::move(path);
  b.holder = node_way{overlay::node_id{{2}}, {asio::ip::make_address("192.0.2.1"), 5061}};
  b.expires = noon + 600s;
  b.stored_until = noon + 1200s;
  b.features = ";audio;+sip.ice";
  return b;
}

asio::ip::address at(const char* text) { return asio::ip::make_address(text); }

std::vector<std::string> order(const binding& b, const char* own) {
  std::vector<std::string> out;
  for (const auto& w : ways_to(b, at(own))) out.push_back(w.routes.empty() ? "direct" : "via");
  return out;
}

const char* via_flagged = "<sip:ptoken@192.0.2.1:5060;lr;direct>";
const char* via_plain = "<sip:ptoken@192.0.2.1:5060;lr>";
using words = std::vector<std::string>;

}  // namespace

TEST_CASE("a binding becomes a record that any supernode can read back") {
  auto b = bound("sip:alice@198.51.100.7:5070;transport=udp", {via_plain, "<sip:edge.example.com;lr>"});
  b.instance = "<urn:uuid:1>";
  b.reg_id = 2;
  b.q_thousandths = 700;
  b.key = binding_key(b.instance, b.reg_id, b.contact);
  const auto r = to_record("alice@example.com", b, self, noon);
  CHECK(r.name.text() == "user location:alice@example.com");
  CHECK(r.lifetime_s == 1200);
  CHECK(overlay::binding_of(r.locations.at(0)) == b.key);
  const auto read = overlay::record::parse(r.xml()).value();

  overlay::stored_value v;
  v.content = read;
  v.entry = b.key;
  v.lifetime_s = 1100;
  v.signer_node = self.node;
  const auto back = to_bindings({v}, self.node, noon + 100s);
  REQUIRE(back.size() == 1);
  CHECK(back.at(0).contact.text() == b.contact.text());
  CHECK(back.at(0).path == b.path);
  CHECK(back.at(0).q_thousandths == 700);
  CHECK(back.at(0).reg_id == 2);
  CHECK(back.at(0).instance == b.instance);
  CHECK(back.at(0).here);
  CHECK(back.at(0).stored_until == noon + 1200s);
  CHECK(back.at(0).expires == noon + 600s);  // as the phone was told
  CHECK(back.at(0).features == b.features);
  CHECK_FALSE(to_bindings({v}, overlay::node_id{{2}}, noon).at(0).here);
  CHECK(to_bindings({v}, self.node, noon + 1200s).empty());
}

TEST_CASE("a binding is listed at other nodes as it was granted, and after half of its record's life as refreshed") {
  overlay::stored_value v;
  v.lifetime_s = 1200;
  v.content = to_record("alice@example.com", bound("sip:alice@198.51.100.7", {via_plain}), self, noon);
  const auto listed = [&](std::chrono::seconds later) {
    v.lifetime_s = static_cast<std::uint32_t>((1200s - later).count());
    return to_bindings({v}, overlay::node_id{{9}}, noon + later).at(0).expires - noon;
  };
  CHECK(listed(5s) == 600s);
  CHECK(listed(599s) == 600s);
  CHECK(listed(700s) == 1200s);
}

TEST_CASE("a phone without NAT is reached directly first, and through its registrar next") {
  CHECK(order(bound("sip:a@198.51.100.7:5070", {via_flagged}), "203.0.113.1") == words{"direct", "via"});
}

TEST_CASE("a phone behind NAT, or on a stream, is reached through its registrar only") {
  CHECK(order(bound("sip:a@198.51.100.7:5070", {via_plain}), "203.0.113.1") == words{"via"});
  CHECK(order(bound("sip:a@198.51.100.7:5070;transport=tcp", {via_flagged}), "203.0.113.1") == words{"via"});
  CHECK(order(bound("sips:a@198.51.100.7", {via_flagged}), "203.0.113.1") == words{"via"});
}

TEST_CASE("private and loopback contacts are tried directly only from addresses of their kind") {
  CHECK(order(bound("sip:a@192.168.1.7", {via_flagged}), "203.0.113.1") == words{"via"});
  CHECK(order(bound("sip:a@192.168.1.7", {via_flagged}), "10.0.0.1") == words{"direct", "via"});
  CHECK(order(bound("sip:a@127.0.0.1:6000", {via_flagged}), "127.0.1.2") == words{"direct", "via"});
  CHECK(order(bound("sip:a@127.0.0.1:6000", {via_flagged}), "10.0.0.1") == words{"via"});
  CHECK(order(bound("sip:a@[fd00::7]", {via_flagged}), "2001:db8::1") == words{"via"});
}

TEST_CASE("what a user writes of itself sends nothing straight to an address") {
  auto b = bound("sip:a@198.51.100.7:5070", {via_flagged});
  b.own_word = true;
  CHECK(order(b, "203.0.113.1") == words{"via"});
}

TEST_CASE("the way through the registrar leads to the node that signed, wherever the path points, and bears the whole path") {
  const auto ways = ways_to(bound("sip:a@phone.invalid", {"<sip:token@203.0.113.66:9;transport=tcp;lr>", "<sip:edge.example.com;lr>"}),
                            at("203.0.113.1"));
  REQUIRE(ways.size() == 1);
  CHECK(ways.at(0).node.at.text() == "192.0.2.1:5061");
  CHECK(ways.at(0).node.id == overlay::node_id{{2}});
  CHECK_FALSE(ways.at(0).direct.has_value());
  CHECK(ways.at(0).routes.size() == 2);
}

TEST_CASE("a record names no other node than its signer, and its port for TLS") {
  overlay::stored_value v;
  v.lifetime_s = 100;
  v.signer_node = overlay::node_id{{1}};
  v.signer = "node1@example.com";
  v.content = to_record("alice@example.com", bound("sip:alice@198.51.100.7", {via_plain}), self, noon);
  CHECK(to_bindings({v}, overlay::node_id{{9}}, noon).at(0).holder == node_way{overlay::node_id{{1}}, {at("192.0.2.1"), 5061}, true});
  CHECK_FALSE(to_bindings({v}, overlay::node_id{{9}}, noon).at(0).own_word);
  v.signer = "alice@example.com";
  CHECK(to_bindings({v}, overlay::node_id{{9}}, noon).at(0).own_word);
  auto without_tls = v;
  without_tls.content.locations.front().transports = {"UDP5060", "TCP5070"};
  CHECK(to_bindings({without_tls}, overlay::node_id{{9}}, noon).at(0).holder->at.port == 5070);
  auto nowhere = v;
  nowhere.content.locations.front().transports = {"UDP5060", "TCPx", "TLS0"};
  CHECK_FALSE(to_bindings({nowhere}, overlay::node_id{{9}}, noon).at(0).holder);
  v.signer_node = overlay::node_id{{3}};
  CHECK_FALSE(to_bindings({v}, overlay::node_id{{9}}, noon).at(0).holder);
}

TEST_CASE("records whose contact is no SIP URI are left out") {
  overlay::stored_value v;
  v.lifetime_s = 100;
  v.content.locations.emplace_back();
  for (const auto* contact : {"", "mailto:a@b", "sip:", "\x01"}) {
    v.content.locations.front().contact = contact;
    CHECK(to_bindings({v}, self.node, noon).empty());
  }
  v.content.locations.clear();
  CHECK(to_bindings({v}, self.node, noon).empty());
}

}  // namespace location_test
