// The revocation list and documents on their way through rings of real peers with real cryptography.
#include <doctest.h>

#include "overlay/support/stranger.hpp"
#include "pastry/topology_messages.hpp"
#include "reload/revocation_message.hpp"

namespace revocation_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

// A ring whose first node signs.
struct scene {
  explicit scene(std::size_t nodes = 6, std::uint64_t seed = 7) : ring(seed) {
    for (std::size_t i = 0; i < nodes; ++i) ring.add();
    REQUIRE(ring.join_all(60s));
    ring.world.run_for(2s);
  }
  [[nodiscard]] identity::revocation_list::next next() {
    const auto& list = ring.peers[0]->trust->revocations();
    return list.succeed(entries, 0, ring.overlay.name, *ring.overlay.signer).value();
  }
  std::uint64_t publish() {
    REQUIRE(ring.peers[0]->peer->take_revocations(next()));
    return ring.peers[0]->trust->revocations().number();
  }
  void revoke(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) entries.push_back({ring.random_key(), identity::revoked_for_good});
  }
  [[nodiscard]] bool everywhere(std::uint64_t number, core::duration within) {
    return ring.eventually(
        [&] {
          return std::ranges::all_of(ring.peers, [&](const auto& p) { return !p->alive || p->trust->revocations().number() == number; });
        },
        within);
  }
  [[nodiscard]] bool linked(std::size_t a, const identity::node_id& b) const {
    const auto links = ring.peers[a]->peer->status().links;
    return std::ranges::any_of(links, [&](const auto& l) { return l.node == b; });
  }
  [[nodiscard]] std::uint64_t given() const {
    std::uint64_t sum = 0;
    for (const auto& p : ring.peers) sum += p->metrics.get_counter("phyllo_revocation_pieces_total", "").value();
    return sum;
  }

  simulated_ring ring;
  std::vector<identity::revocation> entries;
};

core::awaitable<void> adopt(overlay::peer_impl& p, std::string document, core::status& out) { out = co_await p.adopt(std::move(document)); }

}  // namespace

TEST_CASE("a long list goes to all nodes in pieces, and a change of it by itself") {
  scene s;
  s.revoke(20'000);
  CHECK(s.everywhere(s.publish(), 30s));
  CHECK(s.given() >= 5 * 13);  // of 40 leaves, four an answer at most
  const auto before = s.given();
  s.revoke(3);
  CHECK(s.everywhere(s.publish(), 5s));
  CHECK(s.given() - before <= 6);
  for (const auto& p : s.ring.peers) CHECK(p->trust->revocations().find(s.entries.back().key) == identity::revoked_for_good);
}

TEST_CASE("a node that joins has the list soon") {
  scene s;
  s.revoke(5000);
  const auto number = s.publish();
  CHECK(s.everywhere(number, 30s));
  s.ring.add();
  REQUIRE(s.ring.join_all(60s));
  CHECK(s.everywhere(number, 10s));
}

TEST_CASE("a revoked node loses all links, by its Node-ID or by its user, and the others go on") {
  scene s;
  const auto& victim = *s.ring.peers[4];
  SUBCASE("Node-ID") { s.entries.push_back({victim.id(), identity::revoked_for_good}); }
  SUBCASE("user") {
    const auto now = identity::revoked_before(s.ring.world.env().wall_now());
    s.entries.push_back({victim.credential->certificate.user_key(), now});
  }
  const auto number = s.publish();
  CHECK(s.everywhere(number, 10s));  // it hears of it itself
  s.ring.world.run_for(5s);
  for (const std::size_t i : {0u, 1u, 2u, 3u, 5u}) CHECK_FALSE(s.linked(i, victim.id()));
  s.ring.peers[4]->alive = false;
  CHECK(s.ring.settle(60s));
  CHECK(s.ring.ping_root(1, s.ring.random_key()));
}

TEST_CASE("what is not the signer's is passed on by nobody") {
  scene s(3);
  s.revoke(3);
  const auto mallory = s.ring.overlay.issue("mallory@example.org");
  auto forged = s.next();
  forged.head = identity::sign_revocation_head(forged.head, mallory);
  stranger who(s.ring, mallory);
  who.connect(0);
  overlay::update_request u;
  u.type = overlay::update_type::revocations;
  u.content = overlay::revocation_announcement{forged.head.text, forged.delta.encode(), 255}.encode();
  overlay::message_contents m;
  m.code = overlay::code::update_req;
  m.body = u.encode();
  const auto h = who.header(overlay::destination::to_node(s.ring.peers[0]->id()));
  (void)who.ask(h, stranger::seal(h, m, mallory));
  s.ring.world.run_for(5s);
  for (const auto& p : s.ring.peers) CHECK(p->trust->revocations().head().number == 0);
}

TEST_CASE("nodes of different documents serve each other, and a document that is too long for a message comes in pieces") {
  scene s;
  std::vector<identity::node_id> bad;
  for (int i = 0; i < 1300; ++i) bad.push_back(s.ring.random_key());
  const auto text = s.ring.overlay.document(2, bad);
  REQUIRE(text.size() > 65'536);
  core::status taken;
  s.ring.world.run(adopt(*s.ring.peers[0]->peer, text, taken));
  REQUIRE(taken);
  for (std::size_t i = 0; i < 6; ++i) {  // nobody has it but one
    const auto answered = s.ring.ping_root(i, s.ring.random_key());
    REQUIRE(answered);
    CHECK(answered->contents.code == overlay::code::ping_req + 1);
  }
  const auto everybody = [&] { return std::ranges::all_of(s.ring.peers, [&](const auto& p) { return p->trust->revoked(bad.front()); }); };
  CHECK(s.ring.eventually(everybody, 60s));
}

}  // namespace revocation_test
