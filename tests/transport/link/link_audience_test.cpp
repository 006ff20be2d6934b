#include "transport/link/link_audience.hpp"

#include <doctest.h>

#include <cstdlib>
#include <string>

#include "phyllo/transport/errc.hpp"

namespace link_audience_test {

using namespace phyllo;
using transport::link_audience;

namespace {

// Nothing but a name for who is told.
struct some_link final : transport::link {
  void observe(transport::link_observer*) override {}
  core::status send(core::byte_view, std::uint64_t) override { return {}; }
  void close() override {}
  [[nodiscard]] const identity::certificate& peer() const noexcept override { std::abort(); }
  [[nodiscard]] transport::endpoint remote() const override { return {}; }
  [[nodiscard]] transport::link_kind kind() const noexcept override { return transport::link_kind::dtls; }
  [[nodiscard]] bool open() const noexcept override { return true; }
  [[nodiscard]] core::duration rtt() const noexcept override { return {}; }
  [[nodiscard]] core::duration rto() const noexcept override { return {}; }
};

struct fixture : transport::link_observer {
  some_link of;
  link_audience audience;
  std::string heard;
  std::size_t leaves_after = 1000;
  std::optional<core::error> ended;

  void on_message(transport::link&, core::byte_view message) override { hear(std::string(core::as_text(message))); }
  void on_acknowledged(transport::link&, std::uint64_t token) override { hear("+" + std::to_string(token)); }
  void on_overdue(transport::link&, std::uint64_t token) override { hear("?" + std::to_string(token)); }
  void on_closed(transport::link&, const core::error&) override { hear("."); }
  void hear(const std::string& what) {
    heard += what;
    if (--leaves_after == 0) audience.observe(nullptr);
  }
  void take(const char* message) { audience.take(of, core::as_bytes(message)); }
};

const core::error why(transport::errc::closed);

}  // namespace

TEST_CASE_FIXTURE(fixture, "who observes is told at once") {
  audience.observe(this);
  take("a");
  CHECK(heard == "a");
  CHECK_FALSE(audience.waiting());
}

TEST_CASE_FIXTURE(fixture, "what came before anybody observed is told first, and in its order") {
  take("a");
  take("b");
  REQUIRE(audience.waiting());
  audience.observe(this);
  take("c");
  CHECK(heard.empty());
  audience.drain(of);
  CHECK(heard == "abc");
  take("d");
  CHECK(heard == "abcd");
}

TEST_CASE_FIXTURE(fixture, "who stops observing hears no more, and the rest waits for the next") {
  for (const auto* m : {"a", "b", "c"}) take(m);
  audience.observe(this);
  leaves_after = 2;
  audience.drain(of);
  CHECK(heard == "ab");
  CHECK(audience.waiting());
  audience.observe(this);
  audience.drain(of);
  CHECK(heard == "abc");
}

TEST_CASE_FIXTURE(fixture, "what waits is bounded in number and in bytes, until somebody observes") {
  CHECK(audience.has_room(link_audience::bytes_max));
  CHECK_FALSE(audience.has_room(link_audience::bytes_max + 1));
  for (std::size_t i = 0; i < link_audience::messages_max; ++i) {
    REQUIRE(audience.has_room(1));
    take("a");
  }
  CHECK_FALSE(audience.has_room(1));
  audience.observe(this);
  CHECK(audience.has_room(link_audience::bytes_max + 1));
}

TEST_CASE_FIXTURE(fixture, "the end is told once, after the messages") {
  take("a");
  audience.observe(this);
  audience.tell_closed(of, why);
  CHECK(heard.empty());
  audience.drain(of);
  audience.tell_closed(of, why);
  audience.tell_closed(of, why);
  CHECK(heard == "a.");
}

TEST_CASE_FIXTURE(fixture, "what became of messages that were sent is told, though of none after the link's end") {
  using kind = transport::frame_sender::event_kind;
  audience.observe(this);
  audience.tell(of, {{kind::acknowledged, 1}, {kind::overdue, 2}}, ended);
  CHECK(heard == "+1?2");
  ended = why;
  audience.tell(of, {{kind::acknowledged, 3}}, ended);
  CHECK(heard == "+1?2");
}

}  // namespace link_audience_test
