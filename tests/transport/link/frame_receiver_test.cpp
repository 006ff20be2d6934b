#include "transport/link/frame_receiver.hpp"

#include <doctest.h>

namespace frame_receiver_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};

}  // namespace

TEST_CASE("the received bitmask names the frames before, newest in the lowest bit") {
  transport::frame_receiver r;
  CHECK(r.received(10) == 0);
  CHECK(r.received(11) == 0b1);
  CHECK(r.received(13) == 0b110);
  CHECK(r.received(12) == 0b11);                              // 13 came before, but is not less than 12
  CHECK(r.received(42) == (1U << 30 | 1U << 29 | 1U << 28));  // 11, 12 and 13; 10 = N - 32 is out
  CHECK(r.received(43) == (1U << 30 | 1U << 29 | 1U));
}

TEST_CASE("the received bitmask survives the wrap of sequence numbers") {
  transport::frame_receiver r;
  CHECK(r.received(0xffffffff) == 0);
  CHECK(r.received(0) == 0b1);
  CHECK(r.received(1) == 0b11);
}

TEST_CASE("only the 32 most recently received frames are named") {
  transport::frame_receiver r;
  static_cast<void>(r.received(100));
  for (std::uint32_t n = 0; n < 32; ++n) static_cast<void>(r.received(1200 + n));
  CHECK(r.received(101) == 0);  // 100 has been forgotten
}

TEST_CASE("an end-to-end retransmission passes once a second is over") {
  transport::frame_receiver r;
  const auto m = core::to_bytes("message 1");
  CHECK(r.fresh(m, start));
  CHECK_FALSE(r.fresh(m, start + 899ms));
  CHECK(r.fresh(m, start + 900ms));
}

TEST_CASE("a doubled message is known by its content for less than a second") {
  transport::frame_receiver r;
  const auto message = core::as_bytes("again");
  CHECK(r.fresh(message, start));
  CHECK_FALSE(r.fresh(message, start + transport::frame_receiver::duplicate_memory - 1ms));
  CHECK(r.fresh(core::as_bytes("another"), start + 1ms));
  CHECK(r.fresh(message, start + transport::frame_receiver::duplicate_memory));
}

TEST_CASE("of too many messages the oldest are forgotten") {
  transport::frame_receiver r;
  const auto message = [](std::size_t n) { return core::to_bytes(std::to_string(n)); };
  for (std::size_t n = 0; n <= transport::frame_receiver::duplicates_max; ++n) CHECK(r.fresh(message(n), start));
  CHECK_FALSE(r.fresh(message(transport::frame_receiver::duplicates_max), start));
  CHECK(r.fresh(message(0), start));
}

TEST_CASE("a frame of long ago is acknowledged and moves nothing") {
  transport::frame_receiver r;
  static_cast<void>(r.received(5000));
  CHECK(r.received(1) == 0);
  CHECK(r.state().highest == 5000);
  CHECK(r.received(5001) == 1);
  CHECK(r.received(4999) == 0);  // those before it, not after it
}

}  // namespace frame_receiver_test
