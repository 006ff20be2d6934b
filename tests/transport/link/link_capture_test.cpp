#include "transport/link/link_capture.hpp"

#include <doctest.h>

#include "link/memory_carrier.hpp"
#include "reload_bytes.hpp"
#include "support/simulated_world.hpp"

namespace link_capture_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct captured {
  testing::simulated_world world;
  testing::small_overlay overlay;
  core::metrics metrics;
  transport::link_registry registry{world.env(), metrics, 60s};
  transport::link_capture capture{registry};
  transport::link_way way{std::make_shared<testing::memory_carrier>(overlay.credential(1), transport::link_kind::dtls)};
  std::vector<std::string> seen;

  captured() {
    way.local = transport::endpoint::parse("192.0.2.1:6084").value();
    way.remote = transport::endpoint::parse("192.0.2.2:6084").value();
    registry.tap = [this](const transport::endpoint& from, const transport::endpoint& to, transport::link_kind, core::byte_view frame) {
      seen.push_back(from.text() + ">" + to.text() + " " + std::to_string(frame.size()));
    };
  }
};

}  // namespace

TEST_CASE("frames are told with where they went, both ways, and none while nobody taps") {
  captured c;
  const auto ack = transport::encode_ack(1, 0);
  c.capture.sent(c.way, ack);
  c.capture.came(c.way, ack);
  CHECK(c.seen == std::vector<std::string>{"192.0.2.1:6084>192.0.2.2:6084 9", "192.0.2.2:6084>192.0.2.1:6084 9"});
  c.registry.tap = nullptr;
  c.capture.sent(c.way, ack);
  CHECK(c.seen.size() == 2);
}

TEST_CASE("what moves a link is not RELOAD's, and is left out") {
  captured c;
  c.capture.sent(c.way, transport::encode_move({}));
  CHECK(c.seen.empty());
}

TEST_CASE("a fragment that is sent again is left out while its message may be put together, in its direction only") {
  captured c;
  const auto parts = transport::fragment(testing::reload_message(1, 3000), 1187);
  REQUIRE(parts.size() > 1);
  c.capture.sent(c.way, transport::encode_data(1, parts[0]));
  c.capture.sent(c.way, transport::encode_data(2, parts[0]));
  CHECK(c.seen.size() == 1);
  c.capture.came(c.way, transport::encode_data(1, parts[0]));
  CHECK(c.seen.size() == 2);
  c.world.run_for(transport::link_capture::memory);
  c.capture.sent(c.way, transport::encode_data(3, parts[0]));
  CHECK(c.seen.size() == 3);
}

TEST_CASE("a whole message that is sent again is seen again") {
  captured c;
  const auto whole = testing::reload_message(1, 100);
  c.capture.sent(c.way, transport::encode_data(1, whole));
  c.capture.sent(c.way, transport::encode_data(2, whole));
  CHECK(c.seen.size() == 2);
}

}  // namespace link_capture_test
