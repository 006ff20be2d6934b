#include "reload/message_verifier.hpp"

#include <doctest.h>

#include "overlay/support/neighbours.hpp"
#include "overlay/support/node_ids.hpp"

namespace message_verifier_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct noticing final : quiet {
  void on_unjudged(const node_id& n, const message_contents&) override { unjudged.push_back(n); }
  void on_judged(const node_id& n) override { judged.push_back(n); }
  std::vector<node_id> unjudged, judged;
};

struct scene : neighbours {
  // What `by` has sealed, opened.
  opened_payload open(const identity::credential& by) {
    message_contents m;
    m.code = code::ping_req;
    m.body = encode_ping_request();
    header.overlay = trust.overlay_hash();
    header.transaction_id = 7;
    header.destinations = {destination::to_node(ring.self())};
    payload = seal_payload(m, header.overlay, header.transaction_id, by);
    return open_payload(payload).value();
  }
  std::uint64_t dropped(const std::string& reason) {
    const auto drops = counted.drops();
    const auto at = drops.find(reason);
    return at == drops.end() ? 0 : at->second;
  }
  // Linked under this certificate, and an active peer.
  void link(const identity::credential& c) {
    links.add(std::make_shared<noting_link>(world, c.certificate), false, world.now());
    auto& r = ring.record(c.certificate.node());
    r.peer = r.active = r.link.open = true;
  }
  // Its signature is of another message.
  static void spoil(opened_payload& p) { p.signature.value.front() ^= 1; }

  forwarding_header header;
  core::bytes payload;
  core::metrics counted;
  message_counters counters{counted, core::logger()};
  noticing heard;
  message_maker maker{self, trust, 100};
  message_verifier verifier{world.env(), maker, ring, links, trust, heard, counters};
};

}  // namespace

TEST_CASE("what a node says to itself counts as long as its certificate is in force") {
  scene s;
  CHECK(s.verifier.believe_self());
  REQUIRE(s.trust.update({s.members.ca.certificate_der()}, {s.self->certificate.node()}).has_value());
  CHECK_FALSE(s.verifier.believe_self());
  CHECK(s.dropped("revoked_certificate") == 1);
}

TEST_CASE("a signer's certificate is found in the message that brings it, and once it is believed without that") {
  scene s;
  const auto alice = s.issue(1);
  auto p = s.open(alice);
  auto without = p;
  without.certificates.clear();
  CHECK_FALSE(s.verifier.find_signer(without).has_value());
  const auto found = s.verifier.find_signer(p);
  REQUIRE(found.has_value());
  CHECK(*found == alice.certificate);
  CHECK_FALSE(s.verifier.find_signer(without).has_value());  // it proves nothing that it was there
  CHECK(s.verifier.believe(s.header, p, *found, testing::id(0x85)));
  CHECK(s.verifier.find_signer(without) == alice.certificate);
}

TEST_CASE("a certificate that stands beside the signature is taken only if the signature names it") {
  scene s;
  const auto alice = s.issue(1);
  const auto mallory = s.issue(2);
  auto p = s.open(alice);
  const auto other = core::to_bytes(mallory.certificate.der());
  p.certificates = {other};
  CHECK_FALSE(s.verifier.find_signer(p).has_value());
  p.signature.identity_type = 3;
  CHECK_FALSE(s.verifier.find_signer(p).has_value());
  const auto own = s.open(*s.self);
  CHECK(s.verifier.find_signer(own) == s.self->certificate);  // this node's is known from the start
}

TEST_CASE("a signature that does not hold is not believed, unless the message is of an active peer by its own link") {
  scene s;
  const auto alice = s.issue(1);
  const auto n = alice.certificate.node();
  auto p = s.open(alice);
  scene::spoil(p);
  CHECK_FALSE(s.verifier.believe(s.header, p, alice.certificate, testing::id(0x85)));
  CHECK(s.dropped("bad_signature") == 1);
  CHECK_FALSE(s.verifier.believe(s.header, p, alice.certificate, n));  // no link of it is known
  s.link(alice);
  CHECK(s.verifier.believe(s.header, p, alice.certificate, n));  // TLS has checked it
  s.header.via = {destination::to_node(testing::id(0x85))};
  CHECK_FALSE(s.verifier.believe(s.header, p, alice.certificate, n));  // it only passes that on
  s.header.via.clear();
  s.ring.record(n).active = false;
  CHECK_FALSE(s.verifier.believe(s.header, p, alice.certificate, n));
  CHECK(s.dropped("bad_signature") == 4);
}

TEST_CASE("who links under one certificate and signs with another is verified, though both are of one node") {
  scene s;
  const auto first = s.issue(1);
  const auto second = s.issue(1);
  s.link(first);
  auto p = s.open(second);
  CHECK(s.verifier.believe(s.header, p, second.certificate, first.certificate.node()));
  scene::spoil(p);
  CHECK_FALSE(s.verifier.believe(s.header, p, second.certificate, first.certificate.node()));
}

TEST_CASE("a message that no link brought is this node's own, or verified") {
  scene s;
  auto own = s.open(*s.self);
  scene::spoil(own);
  CHECK(s.verifier.believe(s.header, own, s.self->certificate, std::nullopt));
  const auto alice = s.issue(1);
  auto p = s.open(alice);
  scene::spoil(p);
  CHECK_FALSE(s.verifier.believe(s.header, p, alice.certificate, std::nullopt));
}

TEST_CASE("whom trust does not believe is dropped by the reason") {
  scene s;
  const auto foreign_ca = identity::authority::create("another CA", s.world.env().wall_now() - 3h);
  const auto foreign = s.members.issue("a@example.org", testing::id(1), 24h, &foreign_ca);
  CHECK_FALSE(s.verifier.believe(s.header, s.open(foreign), foreign.certificate, testing::id(0x85)));
  CHECK(s.dropped("foreign_certificate") == 1);
  const auto revoked = s.issue(2);
  REQUIRE(s.trust.update({s.members.ca.certificate_der()}, {revoked.certificate.node()}).has_value());
  CHECK_FALSE(s.verifier.believe(s.header, s.open(revoked), revoked.certificate, testing::id(0x85)));
  CHECK(s.dropped("revoked_certificate") == 1);
  auto without = s.open(revoked);
  without.certificates.clear();
  CHECK_FALSE(s.verifier.find_signer(without).has_value());  // nor is it kept
}

TEST_CASE("a link's peer whose certificate is not valid by this node's clock is told of, and again once it is believed") {
  scene s;
  const auto late = s.members.issue("a@example.org", testing::id(1), -1h);
  s.link(late);
  const auto n = late.certificate.node();
  CHECK_FALSE(s.verifier.believe(s.header, s.open(late), late.certificate, testing::id(0x85)));  // by another's link
  CHECK(s.heard.unjudged.empty());
  CHECK_FALSE(s.verifier.believe(s.header, s.open(late), late.certificate, n));
  CHECK(s.heard.unjudged == std::vector{n});
  CHECK(s.dropped("expired_certificate") == 2);
  CHECK(s.verifier.believe(s.header, s.open(*s.self), s.self->certificate, std::nullopt));
  CHECK(s.heard.judged.empty());
  const auto well = s.issue(0x90);
  s.link(well);
  CHECK(s.verifier.believe(s.header, s.open(well), well.certificate, well.certificate.node()));
  CHECK(s.heard.judged == std::vector{well.certificate.node()});
}

}  // namespace message_verifier_test
