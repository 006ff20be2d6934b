#include "transport/link/message_intake.hpp"

#include <doctest.h>

#include "reload_bytes.hpp"

namespace message_intake_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::reload_message;

namespace {

const core::time_point start{1h};

struct fixture {
  core::metrics metrics;
  transport::reassembly_pool pool;
  transport::message_intake intake{pool, metrics};

  std::optional<core::bytes> take(const core::bytes& part, bool datagrams = true, core::time_point now = start) {
    core::bytes made;
    const auto message = intake.take(part, datagrams, now, made);
    if (!message) return std::nullopt;
    return core::to_bytes(*message);
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a message that is alone in its fragment is whole at once") {
  const auto m = reload_message(1, 100);
  CHECK(take(m) == m);
}

TEST_CASE_FIXTURE(fixture, "the last missing fragment completes a message, whichever that is") {
  const auto m = reload_message(2, 4000);
  auto parts = transport::fragment(m, 1187);
  REQUIRE(parts.size() > 2);
  std::swap(parts.front(), parts.back());
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) CHECK_FALSE(take(parts[i]).has_value());
  CHECK(take(parts.back()) == m);
}

TEST_CASE_FIXTURE(fixture, "over datagrams a message that comes twice is told once, and counted; over a stream each is another") {
  const auto m = reload_message(3, 100);
  CHECK(take(m).has_value());
  CHECK_FALSE(take(m).has_value());
  CHECK(metrics.drops()["link_duplicate"] == 1);
  CHECK(take(m, false).has_value());
  CHECK(take(m, false).has_value());
}

TEST_CASE_FIXTURE(fixture, "a fragment that contradicts what is there is refused, and counted") {
  const auto parts = transport::fragment(reload_message(4, 4000), 1187);
  REQUIRE(parts.size() > 2);
  CHECK_FALSE(take(parts[0]).has_value());
  auto changed = parts[0];
  changed.back() ^= 1;
  CHECK_FALSE(take(changed).has_value());
  CHECK(metrics.drops()["fragment_refused"] == 1);
}

TEST_CASE_FIXTURE(fixture, "an acknowledgement tells of those before it") {
  static_cast<void>(intake.acknowledge(7));
  const auto ack = transport::decode_frame(intake.acknowledge(8));
  REQUIRE(ack.has_value());
  CHECK_FALSE(ack->data);
  CHECK(ack->sequence == 8);
  CHECK((ack->received & 1U) == 1U);
  CHECK(intake.state().has(7));
  CHECK_FALSE(intake.state().has(6));
}

}  // namespace message_intake_test
