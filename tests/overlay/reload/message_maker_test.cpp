#include "reload/message_maker.hpp"

#include <doctest.h>

#include "identity/ring.hpp"
#include "reload/message.hpp"
#include "support/node_ids.hpp"

namespace message_maker_test {

using namespace phyllo;
using namespace phyllo::overlay;

namespace {

struct scene {
  identity::authority ca = identity::authority::create("login.example.com", testing::today);
  identity::trust trust{testing::overlay_name};
  std::shared_ptr<const identity::credential> self =
      std::make_shared<const identity::credential>(testing::credential_for(ca, 1, "alice@example.com"));
  message_maker maker{self, trust, 77};
};

}  // namespace

TEST_CASE("a header is of this overlay, with the initial TTL and the sequence of the document that the node goes by") {
  scene s;
  auto h = s.maker.header(0x1122, {destination::to_node(testing::id(2))});
  CHECK(h.overlay == s.trust.overlay_hash());
  CHECK(h.ttl == 77);
  CHECK(h.transaction_id == 0x1122);
  CHECK(h.destinations == destination_list{destination::to_node(testing::id(2))});
  CHECK(h.via.empty());
  CHECK(h.options.empty());
  CHECK(h.fragment == whole_message);
  CHECK(h.configuration_sequence == 1);
  s.maker.set_configuration_sequence(9);
  CHECK(s.maker.header(1, {}).configuration_sequence == 9);
  CHECK(s.maker.configuration_sequence() == 9);
}

TEST_CASE("what is sealed is signed by this node for this overlay and transaction, and brings its certificate") {
  scene s;
  message_contents m;
  m.code = code::ping_req;
  m.body = {0, 0};
  const auto sealed = s.maker.seal(m, 5);
  const auto p = open_payload(sealed);
  REQUIRE(p.has_value());
  CHECK(p->contents.code == code::ping_req);
  CHECK(p->contents.body == m.body);
  REQUIRE(p->certificates.size() == 1);
  CHECK(core::equal(p->certificates.front(), s.self->certificate.der()));
  CHECK(s.maker.certificate() == s.self->certificate);
  CHECK(verify_payload(*p, s.trust.overlay_hash(), 5, s.self->certificate).has_value());
  CHECK_FALSE(verify_payload(*p, s.trust.overlay_hash(), 6, s.self->certificate).has_value());
  CHECK_FALSE(verify_payload(*p, s.trust.overlay_hash() + 1, 5, s.self->certificate).has_value());
}

}  // namespace message_maker_test
