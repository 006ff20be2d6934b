// The usages of the registered Kinds, between real peers on a simulated network.
#include "phyllo/overlay/usages.hpp"

#include <doctest.h>

#include "kinds/kind.hpp"
#include "kinds/turn_server.hpp"
#include "overlay/support/served_ring.hpp"
#include "overlay/support/stranger.hpp"
#include "phyllo/overlay/errc.hpp"
#include "storage/store_message.hpp"

namespace usages_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

// The same payload with an empty bucket: its signature does not cover it.
core::bytes without_certificates(const core::bytes& payload) {
  const auto opened = overlay::open_payload(payload);
  REQUIRE(opened.has_value());
  core::bytes out = core::to_bytes(opened->signed_part);
  core::wire_writer w(out);
  w.opaque(2, {});
  opened->signature.write(w);
  return out;
}

std::string user(std::size_t i) { return "node" + std::to_string(i) + "@example.org"; }

}  // namespace

TEST_CASE("a node's certificate is found by its Node-ID and by its user, and renewed where it stands") {
  served_ring ring(6);
  const auto& own = ring.peers[2]->credential->certificate;
  for (int again = 0; again < 2; ++again) {
    const auto published = ring.finish(ring.uses(2).publish_certificate(3600s, 8s));
    REQUIRE_MESSAGE(published.has_value(), (published ? std::string() : published.error().message()));
  }
  const auto by_node = ring.finish(ring.uses(4).certificates_of_node(own.node(), 5s));
  REQUIRE(by_node.has_value());
  REQUIRE(by_node->size() == 1);
  CHECK(by_node->front() == own);
  const auto by_user = ring.finish(ring.uses(5).certificates_of_user(own.user(), 5s));
  REQUIRE(by_user.has_value());
  REQUIRE(by_user->size() == 1);
  CHECK(by_user->front() == own);
  const auto nobody = ring.finish(ring.uses(5).certificates_of_user("nobody@example.org", 5s));
  REQUIRE(nobody.has_value());
  CHECK(nobody->empty());
}

TEST_CASE("a message without its signer's certificate is answered once the overlay has told it") {
  served_ring ring(4);
  const auto mallory = ring.overlay.issue("mallory@example.org");
  stranger who(ring, ring.overlay.issue("carrier@example.org"));
  who.connect(0);
  const auto victim = overlay::destination::to_node(ring.peers[0]->id());
  overlay::message_contents ping;
  ping.code = overlay::code::ping_req;
  ping.body = overlay::encode_ping_request();
  // As if the carrier had forwarded what Mallory signed.
  const auto h = who.header(victim, {overlay::destination::to_node(mallory.certificate.node())});
  const auto bare = without_certificates(stranger::seal(h, ping, mallory));
  CHECK_FALSE(who.ask(h, bare).has_value());
  const auto drops = ring.peers[0]->metrics.drops();
  CHECK(drops.at("unknown_signer") == 1);
  // She stores her certificate as her own node would.
  overlay::stored_data d;
  d.storage_time = core::unix_milliseconds(ring.world.env().wall_now());
  d.lifetime = 600;
  d.value = {
      .model = overlay::data_model::array, .index = 0, .key = {}, .exists = true, .value = core::to_bytes(mallory.certificate.der())};
  const auto resource = overlay::node_resource(mallory.certificate.node());
  overlay::sign(d, resource, overlay::kind_number::certificate_by_node, mallory);
  overlay::store_request body;
  body.resource = resource;
  body.kinds.push_back({.kind = overlay::kind_number::certificate_by_node, .generation = 0, .values = {d}});
  overlay::message_contents store;
  store.code = overlay::code::store_req;
  store.body = body.encode();
  const auto to_root = who.header(overlay::destination::to_resource(resource), {overlay::destination::to_node(mallory.certificate.node())});
  who.send(to_root, stranger::seal(to_root, store, mallory));
  ring.world.run_for(3s);
  // Those who stored it know her by now: another one does not.
  stranger other(ring, ring.overlay.issue("carrier2@example.org"));
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0) other.connect(i);
    auto& by = i == 0 ? who : other;
    const auto again =
        by.header(overlay::destination::to_node(ring.peers[i]->id()), {overlay::destination::to_node(mallory.certificate.node())});
    const auto got = by.ask(again, without_certificates(stranger::seal(again, ping, mallory)));
    REQUIRE(got.has_value());
    CHECK(got->code == overlay::code::ping_req + 1);
  }
}

TEST_CASE("nodes keep their certificates in the overlay where they are told to") {
  overlay::peer_options o;
  o.publish_certificate = true;
  simulated_ring ring(9, o);
  for (int i = 0; i < 4; ++i) ring.add();
  REQUIRE(ring.join_all(30s));
  ring.world.run_for(60s);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto found = ring.finish(ring.peers[(i + 1) % 4]->peer->uses().certificates_of_node(ring.peers[i]->id(), 5s));
    REQUIRE(found.has_value());
    CHECK(found->size() == 1);
  }
}

TEST_CASE("an AOR leads to its user's node, to another AOR, and by removal nowhere") {
  served_ring ring(6);
  overlay::aor_mapping here;
  here.contact_prefs = "(sip.schemes=SIP)";
  here.route = {ring.peers[3]->id()};
  REQUIRE(ring.finish(ring.uses(3).map_aor(here, 600s, 8s)).has_value());
  auto found = ring.finish(ring.uses(1).mappings_of(user(3), 5s));
  REQUIRE(found.has_value());
  CHECK(*found == std::vector<overlay::aor_mapping>{here});
  overlay::aor_mapping elsewhere;
  elsewhere.uri = "secretary@example.org";
  REQUIRE(ring.finish(ring.uses(3).map_aor(elsewhere, 600s, 8s)).has_value());
  found = ring.finish(ring.uses(1).mappings_of(user(3), 5s));
  CHECK(*found == std::vector<overlay::aor_mapping>{elsewhere});
  overlay::kind_entry gone;
  const auto id = ring.peers[3]->id();
  gone.key.assign(id.octets.begin(), id.octets.end());
  gone.exists = false;
  const auto resource = identity::ring_hash(core::as_bytes(user(3)));
  REQUIRE(ring.finish(ring.uses(3).store_entry(overlay::kind_number::sip_registration, resource, gone, 600s, 8s)).has_value());
  found = ring.finish(ring.uses(1).mappings_of(user(3), 5s));
  REQUIRE(found.has_value());
  CHECK(found->empty());
}

TEST_CASE("nobody stores where the policy of a Kind does not let it") {
  served_ring ring(5);
  overlay::kind_entry e;
  e.value = {1};
  const auto others = overlay::node_resource(ring.peers[2]->id());
  CHECK(ring.finish(ring.uses(1).store_entry(overlay::kind_number::certificate_by_node, others, e, 60s, 5s)).error() == errc::forbidden);
  CHECK(ring.finish(ring.uses(1).store_entry(0x77, others, e, 60s, 5s)).error() == errc::unknown_kind);
  CHECK(ring.finish(ring.uses(1).fetch_entries(0x77, others, 5s)).error() == errc::unknown_kind);
}

TEST_CASE("a TURN server that advertises itself at several places is found at random ones") {
  served_ring ring(8);
  const transport::endpoint at{asio::ip::make_address("192.0.2.9"), 3478};
  const auto none = ring.finish(ring.uses(1).find_relay(3, 5s));
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error() == errc::not_found);
  REQUIRE(ring.finish(ring.uses(6).advertise_relay(at, 6, 3600s, 20s)).has_value());
  const auto found = ring.finish(ring.uses(1).find_relay(40, 20s));
  REQUIRE(found.has_value());
  CHECK(*found == at);
}

}  // namespace usages_test
