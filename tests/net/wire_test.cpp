#include "net/wire.hpp"

#include <doctest.h>

#include <algorithm>

namespace wire_test {

using phyllo::testing::wire;
using phyllo::testing::wire_options;
using namespace std::chrono_literals;

namespace {

constexpr wire::clock::time_point start{1h};

std::vector<std::uint8_t> arrivals(wire& w, wire::clock::time_point now) {
  std::vector<std::uint8_t> out;
  while (const auto p = w.take(now)) out.push_back(p->front());
  return out;
}

std::vector<std::uint8_t> sent_through(const wire_options& o, std::uint64_t seed) {
  wire w(o, seed);
  for (std::uint8_t i = 0; i < 100; ++i) w.put({i}, start + i * 1ms);
  return arrivals(w, start + 10s);
}

}  // namespace

TEST_CASE("a perfect wire brings everything at once and in order") {
  const auto got = sent_through({}, 1);
  CHECK(got.size() == 100);
  CHECK(std::ranges::is_sorted(got));
}

TEST_CASE("a delayed packet comes when its time has come") {
  wire_options o;
  o.delay = 20ms;
  wire w(o, 1);
  w.put({7}, start);
  CHECK(w.next() == start + 20ms);
  CHECK_FALSE(w.take(start + 19ms));
  CHECK(w.take(start + 20ms));
  CHECK_FALSE(w.next());
}

TEST_CASE("jitter keeps the order, and only what is held back loses its place") {
  wire_options o;
  o.jitter = 50ms;
  CHECK(std::ranges::is_sorted(sent_through(o, 3)));
  o.reorder = 0.1;
  const auto got = sent_through(o, 3);
  CHECK(got.size() == 100);
  CHECK_FALSE(std::ranges::is_sorted(got));
}

TEST_CASE("loss and duplication take and add their share, the same one for the same seed") {
  wire_options o;
  o.loss = 0.3;
  const auto lossy = sent_through(o, 5);
  CHECK(lossy.size() > 50);
  CHECK(lossy.size() < 90);
  CHECK(lossy == sent_through(o, 5));
  CHECK(lossy != sent_through(o, 6));
  o.loss = 0;
  o.duplicate = 0.2;
  CHECK(sent_through(o, 5).size() > 105);
}

TEST_CASE("what is larger than the MTU vanishes") {
  wire_options o;
  o.mtu = 1280;
  wire w(o, 1);
  w.put(wire::packet(1280), start);
  w.put(wire::packet(1281), start);
  CHECK(arrivals(w, start).size() == 1);
  CHECK(w.counted().too_large == 1);
}

}  // namespace wire_test
