#include "reload/unverified_messages.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"
#include "overlay/support/simulated_ring.hpp"

namespace unverified_messages_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

// A signed message as it comes, and the certificate that it is signed by.
struct signed_message {
  signed_message() {
    message_contents m;
    m.code = code::ping_req;
    payload = seal_payload(m, 1, 7, signer);
    opened = *open_payload(payload);
  }

  simulated_world world{1};
  simulated_overlay members{world};
  identity::credential signer = members.issue("node@example.org", id(9));
  core::bytes payload;
  opened_payload opened;
};

unverified_message of(const node_id& n, std::uint64_t transaction) {
  forwarding_header h;
  h.transaction_id = transaction;
  return {n, std::move(h), nullptr, id(1)};
}

}  // namespace

TEST_CASE("a certificate that a message lacks is looked for under the node that its lists name as its sender") {
  signed_message m;
  m.opened.certificates.clear();
  forwarding_header h;
  CHECK(where_to_look(h, m.opened, id(2)) == id(2));
  h.via = {destination::to_node(id(3)), destination::to_node(id(4))};
  CHECK(where_to_look(h, m.opened, id(2)) == id(3));
}

TEST_CASE("none is looked for where the message brings it, came from nowhere, or does not name its sender") {
  signed_message m;
  forwarding_header h;
  const auto der = m.signer.certificate.der();
  m.opened.certificates = {der};
  CHECK_FALSE(where_to_look(h, m.opened, id(2)).has_value());
  m.opened.certificates.clear();
  CHECK_FALSE(where_to_look(h, m.opened, std::nullopt).has_value());
  h.via = {{destination_type::opaque, {}, {1, 2}}};
  CHECK_FALSE(where_to_look(h, m.opened, id(2)).has_value());
}

TEST_CASE("messages that wait for a node's certificate are taken in order, and those for others wait on") {
  unverified_messages waiting;
  waiting.add(of(id(2), 1));
  waiting.add(of(id(3), 2));
  waiting.add(of(id(2), 3));
  const auto taken = waiting.take(id(2));
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].header.transaction_id == 1);
  CHECK(taken[1].header.transaction_id == 3);
  CHECK(waiting.take(id(2)).empty());
  CHECK(waiting.take(id(3)).size() == 1);
}

TEST_CASE("there is a bound to the messages that wait for a certificate") {
  unverified_messages waiting;
  for (std::size_t i = 0; i < unverified_messages::strangers_max; ++i) {
    CHECK_FALSE(waiting.full());
    waiting.add(of(id(2), i));
  }
  CHECK(waiting.full());
  waiting.clear();
  CHECK_FALSE(waiting.full());
}

}  // namespace unverified_messages_test
