#include "reload/arrived_messages.hpp"

#include <doctest.h>

#include <algorithm>

#include "overlay/support/message_layer.hpp"

namespace arrived_messages_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct noting_lookups final : quiet {
  void on_unknown_signer(const node_id& n) override { sought.push_back(n); }
  std::vector<node_id> sought;
};

struct scene : message_layer {
  // A message that `by` has sealed arrives by the link of 86, with its certificate or without.
  void arrive(const identity::credential& by, const message_contents& m, bool certificate, destination_list via = {}) {
    auto h = header(destination::to_node(ring.self()));
    h.via = std::move(via);
    auto sealed = seal_payload(m, h.overlay, h.transaction_id, by);
    if (!certificate) sealed = without_certificates(sealed, by);
    arrived.on_arrived(h, std::make_shared<core::bytes>(std::move(sealed)), well->peer().node());
  }
  // GenericCertificate certificates<0..2^16-1> of the security block are the one of its signer: type (1), length (2), DER.
  static core::bytes without_certificates(const core::bytes& sealed, const identity::credential& by) {
    const auto& der = by.certificate.der();
    const auto at = std::ranges::search(sealed, der).begin();
    REQUIRE(at != sealed.end());
    core::bytes out(sealed.begin(), at - 5);
    out.insert(out.end(), 2, 0);
    out.insert(out.end(), at + static_cast<std::ptrdiff_t>(der.size()), sealed.end());
    return out;
  }

  noting_lookups above;
  message_verifier verifier{world.env(), maker, ring, links, trust, above, counters};
  responder answers{world.env(), 65536, links, maker, router, own, above};
  arrived_messages arrived{verifier, own, answers, counters, above};
};

}  // namespace

TEST_CASE("a request goes to whoever is asked, and an answer to the request that it is of") {
  scene s;
  s.recover();
  const auto alice = s.issue(0x10);
  s.arrive(alice, message_layer::contents(code::ping_req, encode_ping_request()), true);
  REQUIRE(s.above.asked.size() == 1);
  CHECK(s.above.asked[0].signer.node() == id(0x10));
  CHECK(s.above.asked[0].link_peer == s.well->peer().node());
  s.arrive(alice, message_layer::contents(code::ping_req + 1), true);
  CHECK(s.dropped("late_answer") == 1);  // nobody has asked
  CHECK(s.above.asked.size() == 1);
}

TEST_CASE("what lacks its signer's certificate waits until that has been looked for, under the Node-ID of who sent it") {
  scene s;
  const auto alice = s.issue(0x10);
  const auto ping = message_layer::contents(code::ping_req, encode_ping_request());
  s.arrive(alice, ping, false, {destination::to_node(id(0x10))});
  CHECK(s.above.sought == std::vector{id(0x10)});
  CHECK(s.above.asked.empty());
  s.arrived.release(id(0x11));  // another's
  CHECK(s.dropped("unknown_signer") == 0);
  s.verifier.certificates().keep(alice.certificate);
  s.arrived.release(id(0x10));
  REQUIRE(s.above.asked.size() == 1);
  CHECK(s.above.asked[0].signer.node() == id(0x10));
  s.arrived.release(id(0x10));
  CHECK(s.above.asked.size() == 1);
}

TEST_CASE("what waits for a certificate that nobody has is dropped, and so is what says nothing of where to look") {
  scene s;
  const auto alice = s.issue(0x10);
  const auto ping = message_layer::contents(code::ping_req, encode_ping_request());
  s.arrive(alice, ping, false, {destination::to_node(id(0x10))});
  s.arrived.release(id(0x10));
  CHECK(s.dropped("unknown_signer") == 1);
  s.arrive(alice, ping, false, {destination::to_resource(id(0x10))});
  CHECK(s.dropped("unknown_signer") == 2);
  CHECK(s.above.sought.size() == 1);
  CHECK(s.above.asked.empty());
}

TEST_CASE("no more than 64 messages wait for certificates") {
  scene s;
  const auto alice = s.issue(0x10);
  const auto ping = message_layer::contents(code::ping_req, encode_ping_request());
  for (std::size_t i = 0; i <= unverified_messages::strangers_max; ++i) s.arrive(alice, ping, false, {destination::to_node(id(0x10))});
  CHECK(s.above.sought.size() == unverified_messages::strangers_max);
  CHECK(s.dropped("unknown_signer") == 1);
}

TEST_CASE("what can not be read, and what is not signed, is dropped") {
  scene s;
  const auto h = s.header(destination::to_node(s.ring.self()));
  s.arrived.on_arrived(h, std::make_shared<core::bytes>(core::bytes{1, 2, 3}), s.well->peer().node());
  CHECK(s.dropped("malformed") == 1);
  CHECK(s.above.asked.empty());
}

}  // namespace arrived_messages_test
