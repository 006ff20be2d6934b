// What one request of a stranger makes a root send, of every kind of request: a bounded multiple.
#include <doctest.h>

#include "kinds/resource_key.hpp"
#include "reload/message.hpp"
#include "storage/fetch_message.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"
#include "support/storage_ring.hpp"

namespace amplification_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::message_contents;
using overlay::stored_data;
using testing::storage_ring;

namespace {

const auto alices = *overlay::name::parse("data:alice@example.com");

struct scene {
  storage_ring ring{12};
  identity::credential alice = ring.make_credential("alice@example.com", {});
  identity::credential mallory = ring.make_credential("mallory@example.com", {});
  std::size_t root = ring.nearest(alices.key())[0];

  [[nodiscard]] stored_data value(core::duration ahead = 0s, std::size_t size = 10) {
    const auto at = core::unix_milliseconds(ring.world.env().wall_now() + std::chrono::duration_cast<core::wall_time::duration>(ahead));
    overlay::record r;
    r.name = alices;
    r.value = std::string(size, 'x');
    r.timestamp_ms = at;
    r.lifetime_s = 3600;
    stored_data d;
    d.storage_time = at;
    d.lifetime = 3600;
    d.value.key =
        overlay::resource_key{.form = overlay::key_form::owner, .binding = alice.certificate.node().octets, .name = alices}.encode();
    d.value.value = core::to_bytes(r.xml());
    overlay::sign(d, alices.key(), overlay::resource_kind.id, alice);
    return d;
  }
  [[nodiscard]] static message_contents store(std::vector<overlay::store_kind_data> kinds, overlay::request_options o = {}) {
    message_contents m;
    m.code = overlay::code::store_req;
    m.body = overlay::store_request{.resource = alices.key(), .replica_number = 0, .kinds = std::move(kinds), .unknown = {}}.encode();
    m.extensions = overlay::encode(o);
    return m;
  }
  [[nodiscard]] static overlay::store_kind_data kind(std::vector<stored_data> values, std::uint64_t generation = 0,
                                                     overlay::kind_id id = overlay::resource_kind.id) {
    return {.kind = id, .generation = generation, .values = std::move(values)};
  }
  [[nodiscard]] static message_contents fetch(std::uint16_t code, bool quorum, std::size_t specifiers = 1) {
    overlay::fetch_request body{.resource = alices.key(), .specifiers = {}, .unknown = {}};
    for (std::size_t i = 0; i < specifiers; ++i) body.specifiers.push_back(overlay::everything_of(overlay::known_kinds()[i]));
    message_contents m;
    m.code = code;
    m.body = body.encode(overlay::known_kinds());
    m.extensions = overlay::encode(overlay::request_options{.view = std::nullopt, .quorum = quorum, .if_absent = false});
    return m;
  }
  // Messages between nodes that this request has caused within ten seconds.
  std::uint64_t cost(const identity::credential& sender, message_contents m) {
    m.certificates = {alice.certificate};
    const auto before = ring.requests();
    (void)ring.request_as(sender, root, std::move(m));
    ring.run_for(10s);
    return ring.requests() - before;
  }
};

}  // namespace

TEST_CASE("what is refused costs the ring nothing") {
  scene s;
  const auto good = s.value();
  auto altered = good;
  altered.value.value.back() = ' ';
  overlay::find_request find{.resource = alices.key(), .kinds = {overlay::resource_kind.id}};
  message_contents finding;
  finding.code = overlay::code::find_req;
  finding.body = find.encode();
  message_contents noise;
  noise.code = overlay::code::store_req;
  noise.body = core::to_bytes("noise");
  const std::pair<const char*, message_contents> free[] = {
      {"a Kind without values", scene::store({scene::kind({})})},
      {"a Kind without values beside one with", scene::store({scene::kind({good}), scene::kind({}, 0, 0x10)})},
      {"no Kind at all", scene::store({})},
      {"a Kind without values, with an expected generation", scene::store({scene::kind({}, 5)})},
      {"an altered value", scene::store({scene::kind({altered})})},
      {"a value of a time to come", scene::store({scene::kind({s.value(2min)})})},
      {"a value that is too large", scene::store({scene::kind({s.value(0s, 5000)})})},
      {"a Kind that nobody knows", scene::store({scene::kind({}, 0, 0xF0001234)})},
      {"noise", noise},
      {"a Find", finding},
      {"a Fetch of nothing", scene::fetch(overlay::code::fetch_req, true, 0)},
      {"a Stat of nothing", scene::fetch(overlay::code::stat_req, true, 0)},
  };
  for (const auto& [what, request] : free) {
    CAPTURE(what);
    CHECK(s.cost(s.alice, request) == 0);
  }
  CHECK(s.cost(s.mallory, scene::store({scene::kind({good})})) == 0);
}

TEST_CASE("what is answered costs one message to each replica, and one more to each that is asked before") {
  scene s;
  const auto good = s.value();
  const auto first = s.value();
  const overlay::request_options if_absent{.view = std::nullopt, .quorum = false, .if_absent = true};
  CHECK(s.cost(s.alice, scene::store({scene::kind({good})})) == 4);
  CHECK(s.cost(s.alice, scene::store({scene::kind({good})})) == 4);  // again: its answer was lost
  CHECK(s.cost(s.alice, scene::store({scene::kind({first})}, if_absent)) <= 8);
  CHECK(s.cost(s.alice, scene::store({scene::kind({s.value()}, 99)})) <= 8);  // another generation is there
  for (const bool quorum : {false, true}) {
    CHECK(s.cost(s.mallory, scene::fetch(overlay::code::fetch_req, quorum)) <= 4);
    CHECK(s.cost(s.mallory, scene::fetch(overlay::code::stat_req, quorum)) <= 4);
    CHECK(s.cost(s.mallory, scene::fetch(overlay::code::fetch_req, quorum, overlay::known_kinds().size())) <= 4);
  }
}

}  // namespace amplification_test
