// Private Kinds that come by ConfigUpdate (RFC 6940 s.6.5.4), between real peers on a simulated network.
#include <doctest.h>

#include "overlay/support/kind_ring.hpp"
#include "overlay/support/stranger.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/config_update_message.hpp"

namespace kind_update_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

constexpr auto notes = kind_ring::notes;

}  // namespace

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
