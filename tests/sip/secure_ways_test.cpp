#include "sip/secure_ways.hpp"

#include <doctest.h>

namespace secure_ways_test {

using namespace phyllo::sip;

namespace {

std::string retargeted_text(const char* contact, bool sips) { return retargeted(uri::parse(contact).value(), sips); }

fork_target reached_by(std::initializer_list<protocol> ways, bool sips_contact = false) {
  fork_target t;
  for (const auto p : ways) {
    fork_way w;
    w.to.by = p;
    w.secure = sips_contact;
    t.ways.push_back(w);
  }
  return t;
}

}  // namespace

TEST_CASE("a request keeps its scheme whatever the contact's is") {
  CHECK(retargeted_text("sip:bob@192.0.2.9:5070;transport=tls", true) == "sips:bob@192.0.2.9:5070");
  CHECK(retargeted_text("sip:bob@x.invalid;transport=ws", true) == "sips:bob@x.invalid;transport=ws");
  CHECK(retargeted_text("sips:bob@192.0.2.9;ob", true) == "sips:bob@192.0.2.9;ob");
  CHECK(retargeted_text("sips:bob@192.0.2.9;ob", false) == "sip:bob@192.0.2.9;ob;transport=tls");
  CHECK(retargeted_text("sip:bob@192.0.2.9", false) == "sip:bob@192.0.2.9");
}

TEST_CASE("a sips request goes over TLS and secure WebSockets only") {
  std::vector<fork_target> targets;
  targets.push_back(reached_by({protocol::udp, protocol::tls}));
  targets.push_back(reached_by({protocol::udp, protocol::tcp, protocol::ws}));
  targets.push_back(reached_by({protocol::wss}));
  keep_secure(targets, true);
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].ways.size() == 1);
  CHECK(targets[0].ways[0].to.by == protocol::tls);
  CHECK(targets[1].ways[0].to.by == protocol::wss);
}

TEST_CASE("a contact that was registered as sips is reached over TLS by a sip request, too") {
  std::vector<fork_target> targets;
  targets.push_back(reached_by({protocol::udp, protocol::tls}, true));
  targets.push_back(reached_by({protocol::udp}));
  targets.push_back(reached_by({protocol::udp}, true));
  keep_secure(targets, false);
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].ways[0].to.by == protocol::tls);
  CHECK(targets[1].ways[0].to.by == protocol::udp);
}

}  // namespace secure_ways_test
