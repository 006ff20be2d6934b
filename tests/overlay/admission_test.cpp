#include <doctest.h>

#include "overlay/support/stranger.hpp"
#include "pastry/signed_grant.hpp"
#include "pastry/topology_messages.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/attach_message.hpp"

namespace admission_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::leaf_set_state;

namespace {

identity::node_id beside(const identity::node_id& n, std::uint8_t by = 1) {
  auto out = n;
  out.octets[14] = static_cast<std::uint8_t>(out.octets[14] + by);
  return out;
}

// A ring of six, and somebody whose Node-ID is the next after that of peer 0.
struct scene {
  // Braces: the ring is grown first.
  explicit scene(bool peer, std::uint64_t seed = 5) : ring(seed), who{grown(), credential(peer)} { who.connect(0); }

  simulated_ring& grown() {
    for (int i = 0; i < 6; ++i) ring.add();
    REQUIRE(ring.join_all(60s));
    REQUIRE(ring.settle(30s));
    ring.world.run_for(2s);
    return ring;
  }
  identity::credential credential(bool peer) {
    return ring.overlay.issue("mallory@example.org", beside(ring.peers[0]->id()), 24h, nullptr, peer);
  }
  [[nodiscard]] leaf_set_state state(std::uint8_t flags) const {
    leaf_set_state s;
    s.incarnation = 77;
    s.flags = flags;
    return s;
  }
  std::optional<overlay::message_contents> ask(std::uint16_t code, core::bytes body, std::optional<overlay::destination> to = {}) {
    const auto h = who.header(to.value_or(overlay::destination::to_node(ring.peers[0]->id())));
    overlay::message_contents m;
    m.code = code;
    m.body = std::move(body);
    return who.ask(h, stranger::seal(h, m, who.self));
  }
  std::optional<overlay::message_contents> update(leaf_set_state s) {
    overlay::update_request u;
    u.state = std::move(s);
    return ask(overlay::code::update_req, u.encode());
  }
  std::optional<overlay::message_contents> probe(std::uint8_t flags) {
    overlay::route_query_request q;
    q.target = overlay::destination::to_node(ring.peers[0]->id());
    q.type = overlay::query_type::probe;
    q.state = state(flags);
    return ask(overlay::code::route_query_req, q.encode());
  }
  std::optional<overlay::message_contents> join() {
    return ask(overlay::code::join_req, overlay::membership_request{who.self.certificate.node(), state(0)}.encode());
  }
  // The stranger answers what peer 0 asks it, and so does `named` through it.
  struct outcome {
    int asked = 0;       // questions through it
    bool taken = false;  // `named` was in peer 0's leaf set
  };
  outcome answer_for(const identity::credential& named, const leaf_set_state& own, core::duration within) {
    outcome out;
    for (const auto end = ring.world.now() + within; ring.world.now() < end; ring.world.run_for(100ms)) {
      for (const auto& bytes : std::exchange(who.received, {})) {
        const auto in = overlay::parse_header(bytes);
        const auto opened = in ? overlay::open_payload(in->payload) : core::fail(in.error());
        if (!opened || opened->contents.code != overlay::code::route_query_req) continue;
        const bool through = in->header.destinations.size() > 1;
        out.asked += through ? 1 : 0;
        answer(in->header, opened->contents, through ? named : who.self, through ? state(leaf_set_state::flag_active) : own);
      }
      out.taken |= knows(0, named.certificate.node());
    }
    return out;
  }
  void answer(const overlay::forwarding_header& to, const overlay::message_contents& question, const identity::credential& by,
              const leaf_set_state& own) {
    overlay::route_query_answer said;
    said.type = overlay::route_query_request::decode(question.body)->type;
    said.state = own;
    overlay::message_contents m;
    m.code = overlay::code::route_query_req + 1;
    m.body = said.encode();
    auto h = who.header(overlay::destination::to_node(ring.peers[0]->id()));
    if (by.certificate.node() != who.self.certificate.node()) h.via = {overlay::destination::to_node(by.certificate.node())};
    h.transaction_id = to.transaction_id;
    REQUIRE(who.link->send(h.message(stranger::seal(h, m, by)), 0).has_value());
  }
  // Whether peer `i` has it in its leaf set, or in its routing table.
  [[nodiscard]] bool knows(std::size_t i, const identity::node_id& n) const {
    const auto s = ring.peers[i]->peer->status();
    const auto in = [&](const auto& side) { return std::ranges::find(side, n) != side.end(); };
    return in(s.leaf_set.left) || in(s.leaf_set.right) || std::ranges::any_of(s.routing_table, [&](const auto& e) { return e.node == n; });
  }
  // So many peers have the stranger there.
  [[nodiscard]] int known() const {
    int out = 0;
    for (std::size_t i = 0; i < ring.peers.size(); ++i) out += knows(i, who.self.certificate.node()) ? 1 : 0;
    return out;
  }
  [[nodiscard]] std::uint64_t drops(const std::string& reason) const {
    const auto all = ring.peers[0]->metrics.drops();
    const auto at = all.find(reason);
    return at == all.end() ? 0 : at->second;
  }

  simulated_ring ring;
  stranger who;
};

std::uint16_t error_of(const std::optional<overlay::message_contents>& a) {
  REQUIRE(a.has_value());
  if (a->code != overlay::code::error) return 0;
  return overlay::read_error(*a)->code;
}

leaf_set_state granted_by(scene& s, const identity::credential& granter, std::uint32_t incarnation) {
  auto state = s.state(leaf_set_state::flag_active);
  const auto& n = s.who.self.certificate.node();
  state.grants = {overlay::signed_grant::make(granter, {identity::trust(s.ring.overlay.name).overlay_hash(), n, incarnation})};
  return state;
}

core::awaitable<void> join_through_first(overlay::peer& p, core::time_point deadline, bool& joined) {
  std::vector<transport::candidate> first{simulated_network::candidate(0)};
  const auto done = co_await p.join(std::move(first), deadline);
  joined = done.has_value();
}

}  // namespace

TEST_CASE("a node whose certificate does not give the right to be a peer is a client, whatever it says") {
  scene s(false);
  CHECK(error_of(s.update(s.state(leaf_set_state::flag_active))) == overlay::error_code::forbidden);
  CHECK(error_of(s.join()) == overlay::error_code::forbidden);
  CHECK(error_of(s.probe(leaf_set_state::flag_active)) == overlay::error_code::forbidden);
  CHECK(error_of(s.probe(leaf_set_state::flag_asks)) == overlay::error_code::forbidden);
  overlay::update_request rows;
  rows.type = overlay::update_type::rows;
  rows.rows = {{0, {s.who.self.certificate.node()}, {1}, {}}};
  CHECK(error_of(s.ask(overlay::code::update_req, rows.encode())) == overlay::error_code::forbidden);
  overlay::route_query_request sync;
  sync.target = overlay::destination::to_node(s.ring.peers[0]->id());
  sync.type = overlay::query_type::sync;
  CHECK(error_of(s.ask(overlay::code::route_query_req, sync.encode())) == overlay::error_code::forbidden);
  overlay::attach_message a;
  a.role = "passive";
  a.candidates = overlay::to_ice({simulated_network::candidate(99)});
  const auto place = overlay::destination::to_resource(overlay::successor(s.who.self.certificate.node()));
  CHECK(error_of(s.ask(overlay::code::attach_req, a.encode(), place)) == overlay::error_code::forbidden);
  CHECK(s.drops("not_a_peer") == 7);
  s.ring.world.run_for(60s);
  CHECK(s.known() == 0);
  // As a client it is served.
  s.who.connect(0);
  CHECK(error_of(s.probe(0)) == 0);
  CHECK(error_of(s.ask(overlay::code::ping_req, overlay::encode_ping_request())) == 0);
}

TEST_CASE("whom a member names, and carries questions to, is taken back only with the right to be a peer") {
  for (const bool peer : {true, false}) {
    CAPTURE(peer);
    scene s(true);
    CHECK(error_of(s.update(granted_by(s, *s.ring.peers[1]->credential, 77))) == 0);
    const auto named = s.ring.overlay.issue("carol@example.org", beside(s.ring.peers[0]->id(), 3), 24h, nullptr, peer);
    auto state = granted_by(s, *s.ring.peers[1]->credential, 77);
    state.right = {named.certificate.node()};
    CHECK(error_of(s.update(state)) == 0);
    const auto out = s.answer_for(named, state, 30s);
    CHECK(out.asked > 0);
    CHECK(out.taken == peer);
  }
}

TEST_CASE("a node without the right to be a peer is told so when it would join") {
  scene s(true);
  auto& client = s.ring.add(s.ring.overlay.issue("client@example.org", {}, 24h, nullptr, false));
  const auto joined = s.ring.finish(client.peer->join({simulated_network::candidate(0)}, s.ring.world.now() + 10s));
  REQUIRE_FALSE(joined.has_value());
  CHECK(joined.error() == overlay::errc::refused);
  CHECK(joined.error().message().find("right to be a peer") != std::string::npos);
}

TEST_CASE("a client that names members failed, and itself for a member, changes nobody's leaf set") {
  scene s(false);
  auto state = s.state(0);
  state.left = {beside(s.ring.peers[0]->id(), 2)};
  for (std::size_t i = 1; i < s.ring.peers.size(); ++i) state.failed.push_back(s.ring.peers[i]->id());
  overlay::route_query_request q;
  q.target = overlay::destination::to_node(s.ring.peers[0]->id());
  q.type = overlay::query_type::probe;
  q.state = state;
  s.ring.world.run_for(5s);  // the ring has settled, and says nothing by itself
  const auto before = s.ring.network.messages;
  CHECK(error_of(s.ask(overlay::code::route_query_req, q.encode())) == 0);
  s.ring.world.run_for(1s);
  CHECK(s.ring.network.messages - before < 6);  // nobody was asked after those that it called failed
  CHECK(s.ring.complete());
}

TEST_CASE("a peer that says it is active without having been granted its place enters no leaf set") {
  scene s(true);
  for (int i = 0; i < 20; ++i) {
    CHECK(error_of(s.update(s.state(leaf_set_state::flag_active))) == 0);
    CHECK(error_of(s.probe(leaf_set_state::flag_active)) == 0);
    s.ring.world.run_for(5s);
  }
  CHECK(s.drops("not_admitted") > 0);
  CHECK(s.ring.complete());
}

TEST_CASE("grants of strangers, of other incarnations, of oneself, and forged ones are not believed; a neighbour's is") {
  scene s(true);
  const auto& neighbour = *s.ring.peers[1]->credential;
  CHECK(error_of(s.update(granted_by(s, s.ring.overlay.issue("carol@example.org"), 77))) == 0);
  CHECK(s.ring.complete());
  CHECK(error_of(s.update(granted_by(s, s.who.self, 77))) == 0);
  CHECK(s.ring.complete());
  CHECK(error_of(s.update(granted_by(s, neighbour, 76))) == 0);
  CHECK(s.ring.complete());
  auto forged = granted_by(s, neighbour, 77);
  forged.grants.front().signature.value[5] ^= 1;
  CHECK(error_of(s.update(forged)) == 0);
  CHECK(s.ring.complete());
  CHECK(error_of(s.update(granted_by(s, neighbour, 77))) == 0);
  CHECK_FALSE(s.ring.complete());
  CHECK(s.known() > 0);
}

TEST_CASE("a peer that starts again has to be granted its place again") {
  scene s(true);
  CHECK(error_of(s.update(granted_by(s, *s.ring.peers[1]->credential, 77))) == 0);
  CHECK(s.known() > 0);
  auto again = s.state(leaf_set_state::flag_active);
  again.incarnation = 78;
  overlay::message_contents leave;
  CHECK(error_of(s.ask(overlay::code::leave_req, overlay::leave_request{s.who.self.certificate.node()}.encode())) == 0);
  s.ring.world.run_for(5s);
  CHECK(s.ring.complete());
  CHECK(error_of(s.update(again)) == 0);
  s.ring.world.run_for(30s);
  CHECK(s.ring.complete());
}

TEST_CASE("only the root of the joiner's Node-ID admits it") {
  scene s(true);
  s.who.connect(3);
  const auto to = overlay::destination::to_node(s.ring.peers[3]->id());
  const auto body = overlay::membership_request{s.who.self.certificate.node(), s.state(0)}.encode();
  CHECK(error_of(s.ask(overlay::code::join_req, body, to)) == overlay::error_code::forbidden);
  s.who.connect(0);
  CHECK(error_of(s.join()) == 0);
}

TEST_CASE("one that asks to join for ever stops nobody: an honest node with the same root and neighbours joins within seconds") {
  scene s(true);
  const auto began = s.ring.world.now();
  for (int i = 0; i < 4; ++i) {
    (void)s.join();
    (void)s.probe(leaf_set_state::flag_asks);
  }
  core::duration longest{};
  for (std::uint8_t n = 0; n < 4; ++n) {
    auto& honest =
        s.ring.add(s.ring.overlay.issue("honest@example.org", beside(s.ring.peers[0]->id(), static_cast<std::uint8_t>(3 + 2 * n))));
    const auto asked = s.ring.world.now();
    bool joined = false;
    s.ring.tasks.spawn(join_through_first(*honest.peer, asked + 60s, joined));
    while (!joined && s.ring.world.now() < asked + 60s) {
      (void)s.join();
      (void)s.probe(leaf_set_state::flag_asks);
    }
    CHECK(joined);
    longest = std::max(longest, s.ring.world.now() - asked);
  }
  MESSAGE("the longest took ", std::chrono::duration<double>(longest).count(), " s");
  CHECK(longest < 15s);
  CHECK(s.ring.world.now() - began < 75s);
}

}  // namespace admission_test
