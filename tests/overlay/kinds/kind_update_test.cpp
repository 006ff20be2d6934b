// Private Kinds that come by ConfigUpdate (RFC 6940 s.6.5.4), between real peers on a simulated network.
#include <doctest.h>

#include "kinds/sip_registration.hpp"
#include "overlay/support/simulated_ring.hpp"
#include "overlay/support/stranger.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/config_update_message.hpp"

namespace kind_update_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

constexpr std::uint32_t notes = 0xF0000100;

template <class T>
core::awaitable<void> keep(core::awaitable<T> task, std::optional<T>& into) {
  into = co_await std::move(task);
}

struct kind_ring : simulated_ring {
  explicit kind_ring(std::size_t n) : simulated_ring(11) { grow(n); }
  void grow(std::size_t n) {
    while (peers.size() < n) add();
    REQUIRE(join_all(60s));
    REQUIRE(settle(60s));
    world.run_for(2s);
  }
  // Of an array that each user keeps under his own name.
  [[nodiscard]] std::string block(std::uint32_t max_count = 4, std::uint32_t id = notes) const {
    return identity::print_kind_block({id, "", "ARRAY", "USER-MATCH", max_count, 100}, *overlay.signer);
  }
  core::status adopt(std::size_t at, const std::string& text) { return finish(peers[at]->peer->adopt_kind(text)); }
  [[nodiscard]] static overlay::resource_id place_of(std::size_t user) {
    return overlay::user_resource("node" + std::to_string(user) + "@example.org");
  }
  core::status store(std::size_t by) {
    const auto stored = finish(peers[by]->peer->uses().store_entry(notes, place_of(by), {0, {}, {1, 2, 3}, true}, 600s, 5s));
    return stored ? core::status() : core::fail(stored.error());
  }
  [[nodiscard]] std::size_t values(std::size_t reader, std::size_t user) {
    const auto got = finish(peers[reader]->peer->uses().fetch_entries(notes, place_of(user), 5s));
    return got ? got->size() : 0;
  }
  // ConfigUpdates of now on come to nothing.
  void lose_updates() {
    network.tap = [](unsigned, unsigned, core::bytes& message) {
      const auto m = overlay::parse_header(message);
      if (m && overlay::peek_code(m->payload) == overlay::code::config_update_req) message.clear();
    };
  }
};

}  // namespace

TEST_CASE("a Kind that one node takes is soon known to all, and its values are stored and read") {
  kind_ring ring(6);
  CHECK(ring.store(3).error() == errc::unknown_kind);
  REQUIRE(ring.adopt(0, ring.block()).has_value());
  ring.world.run_for(1s);
  for (const std::size_t by : {0U, 3U, 5U}) {
    const auto stored = ring.store(by);
    CHECK_MESSAGE(stored.has_value(), (stored ? "" : stored.error().message()));
    CHECK(ring.values(1, by) == 1);
  }
}

TEST_CASE("a node that joins later is told of such Kinds, and serves them") {
  kind_ring ring(4);
  REQUIRE(ring.adopt(0, ring.block()).has_value());
  ring.grow(6);
  CHECK(ring.store(5).has_value());
  CHECK(ring.values(4, 5) == 1);
}

TEST_CASE("who answers Error_Unknown_Kind is taught the Kind, and asked again") {
  kind_ring ring(6);
  std::size_t teacher = 0;  // whose user's place is another's
  while (ring.root(ring.place_of(teacher)) == ring.peers[teacher]->id()) ++teacher;
  REQUIRE(teacher < 6);
  ring.lose_updates();
  REQUIRE(ring.adopt(teacher, ring.block()).has_value());
  ring.world.run_for(6s);
  std::size_t ignorant = 0;
  for (std::size_t i = 0; i < 6; ++i) ignorant += i == teacher || ring.store(i).has_value() ? 0 : 1;
  CHECK(ignorant == 5);
  ring.network.tap = {};
  CHECK(ring.store(teacher).has_value());
  CHECK(ring.values(teacher, teacher) == 1);
}

TEST_CASE("a Kind is defined once: others of its number, and those of strangers, are refused") {
  kind_ring ring(3);
  REQUIRE(ring.adopt(0, ring.block()).has_value());
  CHECK(ring.adopt(0, ring.block()).has_value());  // the same again
  CHECK(ring.adopt(0, ring.block(5)).error() == errc::already_exists);
  CHECK(ring.adopt(0, ring.block(4, 0xF0000001)).error() == errc::already_exists);  // the document's
  CHECK(ring.adopt(0, ring.block(4, 0x77)).error() == errc::forbidden);
  CHECK(ring.adopt(0, "<kind-block/>").error() == identity::errc::malformed_document);
  const auto stranger = ring.overlay.issue("mallory@example.org");
  const auto forged = identity::print_kind_block({notes + 1, "", "ARRAY", "USER-MATCH", 4, 100}, stranger);
  CHECK(ring.adopt(0, forged).error() == identity::errc::unknown_signer);
  const auto odd = identity::print_kind_block({notes + 1, "", "HEAP", "USER-MATCH", 4, 100}, *ring.overlay.signer);
  CHECK(ring.adopt(0, odd).error() == errc::unknown_kind);
}

TEST_CASE("a ConfigUpdate of type kind is Error_Forbidden where the Kind's signer is none of the document's") {
  kind_ring ring(3);
  stranger who(ring, ring.overlay.issue("mallory@example.org"));
  who.connect(0);
  const auto ask = [&](const identity::credential& signer) {
    overlay::message_contents m;
    m.code = overlay::code::config_update_req;
    m.body = overlay::config_update_request{.type = overlay::config_update_type::kind,
                                            .document = {},
                                            .kinds = {identity::print_kind_block({notes, "", "ARRAY", "USER-MATCH", 4, 100}, signer)}}
                 .encode();
    const auto h = who.header(overlay::destination::to_node(ring.peers[0]->id()));
    const auto got = who.ask(h, stranger::seal(h, m, who.self));
    REQUIRE(got.has_value());
    return *got;
  };
  const auto refused = overlay::read_error(ask(who.self));
  REQUIRE(refused.has_value());
  CHECK(refused->code == overlay::error_code::forbidden);
  CHECK(ring.store(1).error() == errc::unknown_kind);
  CHECK(ask(*ring.overlay.signer).code == overlay::code::config_update_req + 1);  // whoever brings it
  ring.world.run_for(1s);
  CHECK(ring.store(1).has_value());
}

}  // namespace kind_update_test
