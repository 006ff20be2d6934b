#include <doctest.h>

#include "overlay/support/stranger.hpp"
#include "pastry/topology_messages.hpp"

namespace hostile_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

overlay::message_contents ping() {
  overlay::message_contents m;
  m.code = overlay::code::ping_req;
  m.body = overlay::encode_ping_request();
  return m;
}

// A ring of two, a stranger with a certificate of the overlay linked to the first.
struct scene {
  explicit scene(std::uint64_t seed = 3) : ring(seed), who(grown(), ring.overlay.issue("mallory@example.org")) { who.connect(0); }

  simulated_ring& grown() {
    ring.add();
    ring.add();
    REQUIRE(ring.join_all(30s));
    ring.world.run_for(2s);
    return ring;
  }
  [[nodiscard]] overlay::destination victim() const { return overlay::destination::to_node(ring.peers[0]->id()); }
  [[nodiscard]] std::uint64_t drops(const std::string& reason) const {
    const auto all = ring.peers[0]->metrics.drops();
    const auto at = all.find(reason);
    return at == all.end() ? 0 : at->second;
  }
  // A Ping signed by `by`, as if the stranger had forwarded it.
  std::optional<overlay::message_contents> forwarded_ping(const identity::credential& by) {
    const auto h = who.header(victim(), {overlay::destination::to_node(by.certificate.node())});
    return who.ask(h, stranger::seal(h, ping(), by));
  }
  void still_serves() {
    const auto h = who.header(victim());
    const auto a = who.ask(h, stranger::seal(h, ping(), who.self));
    REQUIRE(a.has_value());
    CHECK(a->code == overlay::code::ping_req + 1);
    CHECK(ring.ping_root(1, ring.peers[0]->id())->from == ring.peers[0]->id());
  }

  simulated_ring ring;
  stranger who;
};

std::uint16_t code_of(const std::optional<overlay::message_contents>& a) { return a ? a->code : 0; }

std::uint16_t error_of(const std::optional<overlay::message_contents>& a) {
  REQUIRE(a.has_value());
  const auto e = overlay::read_error(*a);
  REQUIRE(e.has_value());
  return e->code;
}

}  // namespace

TEST_CASE("a forwarded request of a third node is verified and answered") {
  scene s;
  const auto third = s.ring.overlay.issue("carol@example.org");
  const auto h = s.who.header(s.victim(), {overlay::destination::to_node(third.certificate.node())});
  s.who.send(h, stranger::seal(h, ping(), third));
  CHECK(s.drops("bad_signature") == 0);
  REQUIRE(!s.who.received.empty());
  const auto back = overlay::parse_header(s.who.received.back());
  REQUIRE(back.has_value());
  // previous hop, then the via list reversed
  CHECK(back->header.destinations == overlay::destination_list{overlay::destination::to_node(s.who.self.certificate.node()),
                                                               overlay::destination::to_node(third.certificate.node())});
}

TEST_CASE("an altered message is dropped and counted, and the node goes on serving") {
  scene s;
  const auto third = s.ring.overlay.issue("carol@example.org");
  const auto h = s.who.header(s.victim(), {overlay::destination::to_node(third.certificate.node())});
  auto payload = stranger::seal(h, ping(), third);
  payload[1] ^= 2;  // the message code
  CHECK_FALSE(s.who.ask(h, payload).has_value());
  CHECK(s.drops("bad_signature") == 1);
  auto other = s.who.header(s.victim(), h.via);  // signed for another transaction
  CHECK_FALSE(s.who.ask(other, stranger::seal(h, ping(), third)).has_value());
  CHECK(s.drops("bad_signature") == 2);
  s.still_serves();
}

TEST_CASE("a message that the link's peer passes off as the node's own is verified") {
  scene s;
  const auto h = s.who.header(s.victim());
  auto payload = stranger::seal(h, ping(), *s.ring.peers[0]->credential);
  payload[5] ^= 1;
  CHECK_FALSE(s.who.ask(h, payload).has_value());
  CHECK(s.drops("bad_signature") + s.drops("malformed") == 1);
  s.still_serves();
}

TEST_CASE("a message that is too large even for a link is refused by what has come of it") {
  scene s;
  const auto h = s.who.header(s.victim());
  auto m = ping();
  m.body.resize(70'000);
  const auto whole = h.message(stranger::seal(h, m, s.who.self));
  const auto answer = s.who.ask_in(h, core::byte_view(whole).first(65'536));
  REQUIRE(answer.has_value());
  CHECK(overlay::read_error(*answer)->code == overlay::error_code::message_too_large);
  CHECK_FALSE(s.who.ask_in(h, core::byte_view(whole).first(1'000)).has_value());  // a link gives no less
  CHECK(s.drops("malformed") == 1);
  s.still_serves();
}

TEST_CASE("a message of the link's own peer with a bad signature is dropped and counted, unless it is an active peer") {
  scene s;
  const auto h = s.who.header(s.victim());
  auto payload = stranger::seal(h, ping(), s.who.self);
  payload.back() ^= 1;
  CHECK_FALSE(s.who.ask(h, payload).has_value());
  CHECK(s.drops("bad_signature") == 1);
  s.still_serves();
}

TEST_CASE("errors on behalf of others, which nobody has verified, are signed at a bounded rate") {
  scene s;
  std::vector<std::unique_ptr<stranger>> crowd;  // since each link is bounded by itself
  for (int i = 0; i < 8; ++i) {
    crowd.push_back(std::make_unique<stranger>(s.ring, s.ring.overlay.issue("crowd@example.org")));
    crowd.back()->connect(0);
  }
  for (auto& c : crowd) {
    auto h = c->header(s.victim());
    h.ttl = 31;  // over initial-ttl
    for (int i = 0; i < 300; ++i) {
      h.transaction_id = core::random_u64(s.ring.world.env());
      (void)c->link->send(h.message(stranger::seal(h, ping(), c->self)), 0);
    }
  }
  s.ring.world.run_for(1s);
  std::size_t answers = 0;
  for (const auto& c : crowd) answers += c->received.size();
  CHECK(answers > 100);
  CHECK(answers <= 300);
  CHECK(s.drops("refusals") > 0);
  s.still_serves();
}

TEST_CASE("an unsigned message is dropped and counted") {
  scene s;
  const auto h = s.who.header(s.victim());
  auto payload = stranger::seal(h, ping(), s.who.self);
  const auto opened = overlay::open_payload(payload);
  REQUIRE(opened.has_value());
  auto bare = core::to_bytes(opened->signed_part);
  core::wire_writer w(bare);
  w.u16(0);  // no certificates
  identity::signature none;
  none.hash = none.algorithm = 0;
  none.identity_type = 3;
  none.identity_value.clear();
  none.write(w);
  CHECK_FALSE(s.who.ask(h, bare).has_value());
  CHECK(s.drops("unsigned") == 1);
  s.still_serves();
}

TEST_CASE("expired, foreign and revoked certificates are told apart") {
  scene s;
  CHECK_FALSE(s.forwarded_ping(s.ring.overlay.issue("old@example.org", {}, -1h)).has_value());
  CHECK(s.drops("expired_certificate") == 1);
  const auto other_ca = identity::authority::create("another CA", s.ring.world.env().wall_now() - 3h);
  CHECK_FALSE(s.forwarded_ping(s.ring.overlay.issue("eve@example.org", {}, 24h, &other_ca)).has_value());
  CHECK(s.drops("foreign_certificate") == 1);
  const auto bad = s.ring.overlay.issue("bad@example.org");
  CHECK(s.forwarded_ping(bad).has_value());
  REQUIRE(s.ring.peers[0]->trust->update({s.ring.overlay.ca.certificate_der()}, {bad.certificate.node()}).has_value());
  CHECK_FALSE(s.forwarded_ping(bad).has_value());
  CHECK(s.drops("revoked_certificate") == 1);
  s.still_serves();
}

TEST_CASE("noise, other overlays, other versions and cut messages are dropped and counted") {
  scene s;
  const auto before = s.drops("malformed");
  core::bytes noise(200);
  s.ring.world.env().random(noise);
  REQUIRE(s.who.link->send(noise, 0).has_value());
  auto h = s.who.header(s.victim());
  auto whole = h.message(stranger::seal(h, ping(), s.who.self));
  for (std::size_t cut = 1; cut < whole.size(); cut += 7) {
    const core::byte_view part(whole.data(), cut);
    REQUIRE(s.who.link->send(part, 0).has_value());
  }
  whole[10] = 0x01;  // version
  REQUIRE(s.who.link->send(whole, 0).has_value());
  s.ring.world.run_for(1s);
  CHECK(s.drops("malformed") == before + 2 + (whole.size() + 5) / 7);
  h.overlay ^= 1;
  CHECK_FALSE(s.who.ask(h, stranger::seal(h, ping(), s.who.self)).has_value());
  CHECK(s.drops("wrong_overlay") == 1);
  s.still_serves();
}

TEST_CASE("a TTL over initial-ttl, a spent TTL and duplicate destinations are refused with their errors") {
  scene s;
  auto h = s.who.header(s.victim());
  h.ttl = 31;
  CHECK(error_of(s.who.ask(h, stranger::seal(h, ping(), s.who.self))) == overlay::error_code::ttl_exceeded);
  h = s.who.header(overlay::destination::to_node(s.ring.peers[1]->id()));
  h.ttl = 0;
  CHECK(error_of(s.who.ask(h, stranger::seal(h, ping(), s.who.self))) == overlay::error_code::ttl_exceeded);
  h = s.who.header(s.victim());
  h.destinations.push_back(s.victim());
  CHECK(error_of(s.who.ask(h, stranger::seal(h, ping(), s.who.self))) == overlay::error_code::invalid_message);
  CHECK(s.drops("ttl") == 2);
  s.still_serves();
}

TEST_CASE("what changes the topology counts only on a link of its signer") {
  scene s;
  const auto third = s.ring.overlay.issue("carol@example.org");
  overlay::message_contents m;
  m.code = overlay::code::update_req;
  overlay::update_request u;
  u.state.flags = overlay::leaf_set_state::flag_active;
  u.state.incarnation = 1;
  m.body = u.encode();
  // Carol's own, forwarded: the answer goes to Carol through the stranger.
  const auto h = s.who.header(s.victim(), {overlay::destination::to_node(third.certificate.node())});
  CHECK(error_of(s.who.ask(h, stranger::seal(h, m, third))) == overlay::error_code::forbidden);
  CHECK(s.ring.complete());
  // A JoinReq for another Node-ID on the stranger's own link.
  m.code = overlay::code::join_req;
  m.body = overlay::membership_request{third.certificate.node(), u.state}.encode();
  const auto direct = s.who.header(s.victim());
  CHECK(error_of(s.who.ask(direct, stranger::seal(direct, m, s.who.self))) == overlay::error_code::forbidden);
  CHECK(s.ring.complete());
}

TEST_CASE("a repeated request gets the same answer, byte for byte") {
  scene s;
  overlay::message_contents m;
  m.code = overlay::code::app_attach_req;
  m.body = overlay::app_attach_message{5060, {"u", "p", "passive", {}}}.encode();
  const auto h = s.who.header(s.victim());
  const auto payload = stranger::seal(h, m, s.who.self);
  CHECK(error_of(s.who.ask(h, payload)) == overlay::error_code::not_found);
  const auto first = s.who.received;
  CHECK(error_of(s.who.ask(h, payload)) == overlay::error_code::not_found);
  CHECK(s.who.received == first);
}

TEST_CASE("unknown critical extensions and unknown codes are refused") {
  scene s;
  auto m = ping();
  m.extensions.push_back({0x1234, true, {}});
  auto h = s.who.header(s.victim());
  CHECK(error_of(s.who.ask(h, stranger::seal(h, m, s.who.self))) == overlay::error_code::unknown_extension);
  m = ping();
  m.code = 0x51;
  h = s.who.header(s.victim());
  CHECK(error_of(s.who.ask(h, stranger::seal(h, m, s.who.self))) == overlay::error_code::invalid_message);
}

TEST_CASE("a newer configuration spreads through the ring, and revokes a node everywhere") {
  simulated_ring ring(5);
  for (int i = 0; i < 6; ++i) ring.add();
  REQUIRE(ring.join_all(30s));
  ring.world.run_for(2s);
  const auto bad = ring.peers[4]->id();
  core::status taken;
  const auto adopt = [](overlay::peer_impl& p, std::string document, core::status& out) -> core::awaitable<void> {
    out = co_await p.adopt(std::move(document));
  };
  ring.world.run(adopt(*ring.peers[1]->peer, ring.overlay.document(2, {bad}), taken));
  CHECK_MESSAGE(taken.has_value(), (taken ? std::string() : taken.error().message()));
  ring.world.run_for(2s);
  for (std::size_t i = 0; i < 6; ++i) {
    if (i == 4) continue;
    CHECK(ring.peers[i]->trust->revoked(bad));
  }
  // It may dial as often as it likes.
  ring.world.run_for(10s);
  for (std::size_t i = 0; i < 6; ++i) {
    if (i == 4) continue;
    for (const auto& l : ring.peers[i]->peer->status().links) CHECK(l.node != bad);
  }
  ring.world.run(adopt(*ring.peers[1]->peer, ring.overlay.document(1), taken));
  CHECK_FALSE(taken.has_value());
  // A late-comer with the old document is told, takes the new one, and joins.
  ring.peers[4]->alive = false;
  ring.add();
  CHECK(ring.join_all(30s));
  CHECK(ring.peers[6]->trust->revoked(bad));
}

TEST_CASE("a request of another configuration is served, and the new one is sent to whoever has the old one") {
  scene s;
  auto h = s.who.header(s.victim());
  h.configuration_sequence = 0;
  CHECK(code_of(s.who.ask(h, stranger::seal(h, ping(), s.who.self))) == overlay::code::ping_req + 1);
  const auto pushed = std::ranges::any_of(s.who.received, [](const core::bytes& b) {
    const auto m = overlay::parse_header(b);
    return m && overlay::peek_code(m->payload) == overlay::code::config_update_req &&
           m->header.configuration_sequence == overlay::any_sequence;
  });
  CHECK(pushed);
  h = s.who.header(s.victim());
  h.configuration_sequence = 2;
  CHECK(code_of(s.who.ask(h, stranger::seal(h, ping(), s.who.self))) == overlay::code::ping_req + 1);
  s.still_serves();
}

}  // namespace hostile_test
