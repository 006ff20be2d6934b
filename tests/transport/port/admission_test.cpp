#include "transport/port/admission.hpp"

#include <doctest.h>

#include "support/simulated_world.hpp"

namespace admission_test {

using namespace phyllo;
using namespace std::chrono_literals;
using transport::admission;

namespace {

asio::ip::address at(const char* text) { return asio::ip::make_address(text); }

template <class Ask>
int granted(int of, Ask&& ask) {
  int n = 0;
  for (int i = 0; i < of; ++i) n += ask() ? 1 : 0;
  return n;
}

struct door {
  testing::simulated_world world;
  core::metrics metrics;
  transport::host_limits limits;
  admission gate{world.env(), metrics, limits};
};

}  // namespace

TEST_CASE("an address gets ten answers to STUN in any second at most, and no other is the worse for it") {
  door d;
  CHECK(granted(100, [&] { return d.gate.stun_answer(at("192.0.2.1")); }) == 5);
  CHECK(granted(100, [&] { return d.gate.stun_answer(at("192.0.2.2")); }) == 5);
  CHECK(d.metrics.drops().at("stun_rate") == 190);
  int within = 5;
  for (int i = 0; i < 10; ++i) {
    d.world.run_for(99ms);
    within += granted(10, [&] { return d.gate.stun_answer(at("192.0.2.1")); });
  }
  CHECK(within >= 9);
  CHECK(within <= 10);
  d.world.run_for(1h);
  CHECK(granted(100, [&] { return d.gate.stun_answer(at("192.0.2.1")); }) == 5);
}

TEST_CASE("all addresses together have a limit too") {
  door d;
  d.limits.handshakes_per_second = 100;
  d.gate.set(d.limits);
  int n = 0;
  for (unsigned i = 0; i < 10'000; ++i) n += d.gate.handshake(asio::ip::address_v4(0x0a000000U + i)) ? 1 : 0;
  CHECK(n == 100);
  CHECK(d.metrics.drops().at("handshake_rate") == 9'900);
}

}  // namespace admission_test
