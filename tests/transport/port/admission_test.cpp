#include "transport/port/admission.hpp"

#include <doctest.h>

#include <asio/io_context.hpp>

#include "support/simulated_world.hpp"
#include "transport/port/half_open.hpp"

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

TEST_CASE("the oldest half-open connection makes room for a new one") {
  asio::io_context io;
  core::metrics metrics;
  transport::half_open waiting(metrics);
  const auto open = [&io] {
    auto s = std::make_shared<transport::tcp::socket>(io);
    s->open(transport::tcp::v4());
    return s;
  };
  const auto oldest = open();
  const auto middle = open();
  const auto newest = open();
  transport::half_open::place one(waiting, oldest, 2);
  {
    transport::half_open::place two(waiting, middle, 2);
    transport::half_open::place three(waiting, newest, 2);
    CHECK_FALSE(oldest->is_open());
    CHECK(middle->is_open());
    CHECK(waiting.size() == 2);
  }
  CHECK(waiting.size() == 0);
  CHECK(metrics.drops().at("half_open_evicted") == 1);
}

}  // namespace admission_test
