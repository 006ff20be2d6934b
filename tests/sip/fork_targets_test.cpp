#include "sip/fork_targets.hpp"

#include <doctest.h>

#include "sip/dialog_token.hpp"
#include "support/simulated_world.hpp"
#include "token_fixture.hpp"

namespace fork_targets_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const own_names own{{"example.com"}, {"192.0.2.1"}, 5060, 5061};
const domain_secrets secrets({"example.com"}, ring_of_keys(1, 1));
const token_sealer sealer(secrets);
const std::string alice = "alice@example.com";

struct targets_of {
  simulated_world world;
  way_memory memory{core::hash_key{}};
  bool failed = false;
  fork_targets targets{world.env(),
                       own,
                       sealer,
                       memory,
                       [this](const identity::node_id& n) { return failed && n == node(2); },
                       node(1),
                       asio::ip::make_address("192.0.2.1")};

  core::wall_time now() { return world.env().wall_now(); }

  // The path's first URI, for a phone at this node.
  std::string token_of_phone(const dialog_end& phone, const std::string& user) {
    path_token t;
    t.ends = static_cast<std::uint32_t>(core::unix_milliseconds(now()) / 1000) + 600;
    t.made_by = node_hash(node(1));
    t.phone = phone;
    t.phone.user = user_hash(user);
    t.domain = "example.com";
    return seal(sealer, t);
  }
  binding here(const char* contact, const std::string& path) {
    binding b;
    b.contact = uri::parse(contact).value();
    b.key = binding_key({}, 0, b.contact);
    b.path = {path};
    b.expires = now() + 600s;
    b.here = true;
    b.holder = node_way{node(1), at("192.0.2.1:5061"), true};
    return b;
  }
  binding elsewhere(const char* contact, std::uint8_t n = 2) {
    auto b = here(contact, "<sip:sealed@192.0.2.2:5060;lr>");
    b.here = false;
    b.holder = node_way{node(n), at("192.0.2.2:5061"), true};
    return b;
  }
};

std::string own_path(const std::string& token, const char* flags = "") { return "<sip:" + token + "@192.0.2.1:5060;lr" + flags + ">"; }

}  // namespace

TEST_CASE("a phone of this node is reached by the flow that its own token names") {
  targets_of t;
  const auto phone = phone_at("198.51.100.7:40000", protocol::tcp, 9);
  const auto found = t.targets.phones_of(alice, {t.here("sip:a@10.0.0.7", own_path(t.token_of_phone(phone, alice)))}, false);
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].ways.size() == 1);
  CHECK(found[0].ways[0].to.flow == flow_id{9});
  CHECK(found[0].ways[0].routes.empty());
  CHECK(found[0].ways[0].request_uri == "sip:a@10.0.0.7");
  CHECK_FALSE(found[0].ways[0].direct);
}

TEST_CASE("a token of another user's phone, or what is no token, leads nowhere") {
  targets_of t;
  const auto phone = phone_at("198.51.100.7:40000", protocol::tcp, 9);
  CHECK(t.targets.phones_of(alice, {t.here("sip:a@10.0.0.7", own_path(t.token_of_phone(phone, "bob@example.com")))}, false).empty());
  CHECK(t.targets.phones_of(alice, {t.here("sip:a@10.0.0.7", own_path("nonsense"))}, false).empty());
  auto late = t.here("sip:a@10.0.0.7", own_path(t.token_of_phone(phone, alice)));
  t.world.run_for(601s);  // the token has ended
  CHECK(t.targets.phones_of(alice, {late}, false).empty());
}

TEST_CASE("a phone of another node is reached by that node with the whole path, unless the node is dead") {
  targets_of t;
  const auto b = t.elsewhere("sip:a@10.0.0.7");
  const auto found = t.targets.phones_of(alice, {b}, false);
  REQUIRE(found.size() == 1);
  CHECK(found[0].ways.at(0).to.node == node(2));
  CHECK(found[0].ways.at(0).routes == b.path);
  CHECK(found[0].ways.at(0).to.authority);
  t.failed = true;
  CHECK(t.targets.dead(node(2)));
  CHECK(t.targets.phones_of(alice, {b}, false).empty());
  CHECK_FALSE(t.targets.dead(node(3)));
}

TEST_CASE("this node is never dead to itself") {
  targets_of t;
  t.memory.sent({node(1), at("192.0.2.1:5061")}, 1, t.world.now());
  (void)t.memory.on_time(t.world.now() + way_memory::patience);
  (void)t.memory.on_time(t.world.now() + way_memory::patience + way_memory::answer_time);
  REQUIRE(t.memory.dead(node(1), t.world.now() + way_memory::patience + way_memory::answer_time));
  CHECK_FALSE(t.targets.dead(node(1)));
}

TEST_CASE("phones are called by falling q, at most the caller's, and flows of one instance are one phone, the newest first") {
  targets_of t;
  auto low = t.elsewhere("sip:low@10.0.0.1");
  low.q_thousandths = 300;
  auto old_flow = t.elsewhere("sip:old@10.0.0.2");
  old_flow.instance = "<urn:uuid:1>";
  old_flow.stored_at_ms = 1;
  auto new_flow = t.elsewhere("sip:new@10.0.0.3", 3);
  new_flow.instance = "<urn:uuid:1>";
  new_flow.stored_at_ms = 2;
  const auto found = t.targets.phones_of(alice, {low, old_flow, new_flow}, false, 900);
  REQUIRE(found.size() == 2);
  CHECK(found[0].q_thousandths == 900);
  CHECK(found[1].q_thousandths == 300);
  REQUIRE(found[0].ways.size() == 2);
  CHECK(found[0].ways[0].request_uri == "sip:new@10.0.0.3");
  CHECK(found[0].ways[0].flow == 0);
  CHECK(found[0].ways[1].flow == 1);
}

TEST_CASE("a straight way comes first, but last where the contact is known to hear nothing") {
  targets_of t;
  auto b = t.elsewhere("sip:a@198.51.100.7:5070");
  b.path = {"<sip:sealed@192.0.2.2:5060;lr;direct>"};
  const auto first = [&] { return t.targets.phones_of(alice, {b}, false).at(0).ways.at(0).direct; };
  CHECK(first());
  t.memory.silent(at("198.51.100.7:5070"), t.world.now());
  CHECK_FALSE(first());
  CHECK(t.targets.phones_of(alice, {b}, false).at(0).ways.size() == 2);
  t.world.run_for(way_memory::deaf_for);
  CHECK(first());
}

TEST_CASE("a flow that is the very address of the Contact is one way, not two") {
  targets_of t;
  const auto phone = phone_at("198.51.100.7:5070");
  const auto found =
      t.targets.phones_of(alice, {t.here("sip:a@198.51.100.7:5070", own_path(t.token_of_phone(phone, alice), ";direct"))}, false);
  REQUIRE(found.size() == 1);
  CHECK(found[0].ways.size() == 1);
}

TEST_CASE("within a dialog the ways lead to the phones in the order given, and leave the Request-URI") {
  targets_of t;
  auto low = t.elsewhere("sip:low@10.0.0.1");
  low.q_thousandths = 1;
  const auto ways = t.targets.ways_of(alice, {low, t.elsewhere("sip:high@10.0.0.2", 3)});
  REQUIRE(ways.size() == 2);
  CHECK(ways[0].to.node == node(2));
  CHECK(ways[1].to.node == node(3));
  for (const auto& w : ways) {
    CHECK(w.request_uri.empty());
    CHECK_FALSE(w.callee);
  }
}

TEST_CASE("a contact that is a user of the same domain says where calls go on") {
  targets_of t;
  CHECK(t.targets.forwarded_to(uri::parse("sip:Bob@EXAMPLE.com;x").value(), "example.com") == "Bob@example.com");
  CHECK_FALSE(t.targets.forwarded_to(uri::parse("sip:bob@192.0.2.1").value(), "example.com"));
  CHECK_FALSE(t.targets.forwarded_to(uri::parse("sip:bob@example.org").value(), "example.com"));
  CHECK_FALSE(t.targets.forwarded_to(uri::parse("sip:bob@example.com").value(), "example.net"));
  CHECK_FALSE(t.targets.forwarded_to(uri::parse("sip:example.com").value(), "example.com"));
}

}  // namespace fork_targets_test
