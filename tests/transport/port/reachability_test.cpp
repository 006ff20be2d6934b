#include "transport/port/reachability.hpp"

#include <doctest.h>

#include "support/simulated_world.hpp"

namespace reachability_test {

using namespace phyllo;
using namespace std::chrono_literals;
using transport::reachability;

namespace {

const auto a = transport::endpoint::parse("192.0.2.1:1000").value();
const auto a_other_port = transport::endpoint::parse("192.0.2.1:1001").value();
const auto a6 = transport::endpoint::parse("[2001:db8::1]:1000").value();
const auto b = transport::endpoint::parse("192.0.2.2:6084").value();

struct both {
  testing::simulated_world world;
  core::metrics metrics;
  reachability server{world.env(), metrics};

  // The indication that `from` would send after asking.
  core::bytes token_for(const transport::endpoint& from) {
    const auto answer = server.on_stun(reachability::request(world.env()), from, b);
    return reachability::indication(world.env(), stun::message::decode(*answer).value()).value();
  }
  bool prove(const core::bytes& indication, const transport::endpoint& from) {
    static_cast<void>(server.on_stun(stun::message::decode(indication).value(), from, b));
    return server.take_proof(from, b);
  }
};

}  // namespace

TEST_CASE("an exchange proves an address, once") {
  both w;
  CHECK_FALSE(w.server.take_proof(a, b));
  CHECK(w.prove(w.token_for(a), a));
  CHECK_FALSE(w.server.take_proof(a, b));
}

TEST_CASE("the request is 124 bytes, and no answer to it is larger than 64") {
  both w;
  const auto request = reachability::request(w.world.env());
  CHECK(request.encode().size() == 124);
  CHECK(w.server.on_stun(request, a, b)->size() == 52);
  CHECK(w.server.on_stun(request, a6, b)->size() == 64);
}

TEST_CASE("a token proves no other address, port or five-tuple") {
  both w;
  const auto token = w.token_for(a);
  CHECK_FALSE(w.prove(token, a_other_port));
  CHECK_FALSE(w.prove(token, a6));
  CHECK(w.metrics.drops().at("reach_forged") == 2);
  static_cast<void>(w.server.on_stun(stun::message::decode(token).value(), a, b));
  CHECK_FALSE(w.server.take_proof(a, a6));
  CHECK(w.server.take_proof(a, b));
}

TEST_CASE("an altered token proves nothing") {
  both w;
  const auto token = w.token_for(a);
  for (std::size_t i = token.size() - 16; i < token.size(); ++i) {
    auto forged = token;
    forged[i] ^= 1;
    CHECK_FALSE(w.prove(forged, a));
  }
  CHECK(w.metrics.drops().at("reach_forged") == 16);
}

TEST_CASE("a proof lasts ten seconds, a token until its key has rotated twice") {
  both w;
  auto token = w.token_for(a);
  static_cast<void>(w.server.on_stun(stun::message::decode(token).value(), a, b));
  w.world.run_for(10s);
  CHECK_FALSE(w.server.take_proof(a, b));
  CHECK(w.prove(token, a));
  w.world.run_for(61s);
  static_cast<void>(w.token_for(a));  // traffic rotates the key
  CHECK(w.prove(token, a));
  w.world.run_for(61s);
  static_cast<void>(w.token_for(a));
  CHECK_FALSE(w.prove(token, a));
}

TEST_CASE("a request without room for the answer gets no token") {
  both w;
  auto request = reachability::request(w.world.env());
  request.attributes[0].value.resize(99);
  const auto answer = stun::message::decode(*w.server.on_stun(request, a, b)).value();
  CHECK(answer.find(stun::attribute_type::reach) == nullptr);
}

TEST_CASE("a plain Binding request is answered with the mapped address, and a fingerprint if it has one") {
  both w;
  stun::message request;
  request.transaction.fill(3);
  const auto plain = stun::message::decode(*w.server.on_stun(request, a, b)).value();
  CHECK(plain.transaction == request.transaction);
  CHECK(plain.xor_mapped_address() == a);
  CHECK(plain.find(stun::attribute_type::fingerprint) == nullptr);
  const auto marked = stun::message::decode(request.encode(true)).value();
  CHECK(stun::message::decode(*w.server.on_stun(marked, a6, b)).value().find(stun::attribute_type::fingerprint) != nullptr);
}

TEST_CASE("an unknown required attribute is refused with 420") {
  both w;
  stun::message request;
  request.add(0x7fff, {1, 2, 3, 4});
  const auto answer = stun::message::decode(*w.server.on_stun(request, a, b)).value();
  CHECK(answer.type == stun::message_type::binding_error);
  CHECK(*answer.find(stun::attribute_type::error_code) == core::bytes{0, 0, 4, 20});
  CHECK(*answer.find(stun::attribute_type::unknown_attributes) == core::bytes{0x7f, 0xff});
}

TEST_CASE("however many proofs nobody uses, an honest one is taken, and the oldest makes room") {
  both w;
  const auto port = [](std::size_t i) { return transport::endpoint{a6.address, static_cast<std::uint16_t>(1 + i)}; };
  for (std::size_t i = 0; i < 2 * reachability::proofs_max; ++i) {
    const auto indication = w.token_for(port(i));
    static_cast<void>(w.server.on_stun(stun::message::decode(indication).value(), port(i), b));
  }
  CHECK(w.prove(w.token_for(a), a));
  CHECK(w.metrics.evictions("reach_proofs").value() == reachability::proofs_max + 1);
  CHECK_FALSE(w.server.take_proof(port(0), b));
  CHECK(w.server.take_proof(port(2 * reachability::proofs_max - 1), b));
}

}  // namespace reachability_test
