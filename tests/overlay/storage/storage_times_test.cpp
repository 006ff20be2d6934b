#include "storage/storage_times.hpp"

#include <doctest.h>

#include "support/lone_surroundings.hpp"

namespace storage_times_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::error_response;
using overlay::storage_times;
namespace error_code = overlay::error_code;

namespace {

constexpr std::uint64_t now = 1'767'225'600'000;

struct scene {
  testing::lone_surroundings ring{{}, core::from_unix_milliseconds(now)};
  storage_times times{ring};
  storage_times::bounds bounds;

  bool told(std::uint16_t code, const std::string& info) { return times.another_may_do({code, info}, bounds); }
};

}  // namespace

TEST_CASE("each value is given a later time than the one before, by the clock where that has moved on") {
  scene s;
  CHECK(s.times.next(s.bounds) == now);
  storage_times::bounds another;
  CHECK(s.times.next(another) == now + 1);
  s.ring.clock += 10ms;
  CHECK(s.times.next(another) == now + 10);
}

TEST_CASE("what stands is followed by the next millisecond, whatever its time, and that is nothing to other records") {
  scene s;
  CHECK(s.told(error_code::data_too_old, "stored " + std::to_string(now + 5000)));
  CHECK(s.times.next(s.bounds) == now + 5001);
  storage_times::bounds another;
  CHECK(s.times.next(another) == now + 1);
}

TEST_CASE("a root that finds the clock ahead is believed") {
  scene s;
  static_cast<void>(s.times.next(s.bounds));
  CHECK(s.told(error_code::forbidden, "ahead of " + std::to_string(now - 90'000)));
  CHECK(s.times.next(s.bounds) == now - 90'000);
}

TEST_CASE("a root that does not have what follows a time to come lets that go") {
  scene s;
  s.bounds.stands(now + 1'000'000);
  CHECK(s.times.next(s.bounds) == now + 1'000'001);
  CHECK(s.told(error_code::forbidden, "ahead of " + std::to_string(now + 7)));
  CHECK(s.times.next(s.bounds) == now + 1);
  s.bounds.stands(now + 1'000'000);  // as another says
  CHECK(s.times.next(s.bounds) == now + 2);
}

TEST_CASE("with an agreed clock no value is more than a minute ahead of it for the sake of the one before") {
  scene s;
  s.ring.clock += 2h;  // it was wrong
  static_cast<void>(s.times.next(s.bounds));
  s.ring.clock -= 2h;
  storage_times::bounds another;
  CHECK(s.times.next(another) == now + storage_times::ahead_max_ms);
  s.ring.agreed = false;
  storage_times::bounds third;
  CHECK(s.times.next(third) == now + storage_times::ahead_max_ms + 1);
}

TEST_CASE("no other time heals any other refusal") {
  scene s;
  CHECK_FALSE(s.told(error_code::forbidden, "the sender may not write this"));
  CHECK_FALSE(s.told(error_code::forbidden, "ahead of noon"));
  CHECK_FALSE(s.told(error_code::data_too_large, "stored 7"));
  CHECK(s.told(error_code::data_too_old, "exists"));  // without a time: after the last that was used
}

}  // namespace storage_times_test
