#include "transport/link/carrier_session.hpp"

#include <doctest.h>

#include <string>

#include "link/memory_carrier.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/run.hpp"

namespace carrier_session_test {

using namespace phyllo;
using transport::carrier_session;

namespace {

struct hearer final : transport::session_observer {
  void on_datagram(core::byte_view data) override {
    heard.emplace_back(core::as_text(data));
    if (drops != nullptr) drops->reset();
  }
  void on_closed(const core::error& why) override { closed.push_back(why); }
  std::vector<std::string> heard;
  std::vector<core::error> closed;
  std::unique_ptr<carrier_session>* drops = nullptr;  // with the first datagram
};

struct on_carrier {
  testing::real_world world;
  testing::small_overlay overlay;
  std::shared_ptr<testing::memory_carrier> carrier =
      std::make_shared<testing::memory_carrier>(overlay.credential(1), transport::link_kind::dtls);
  std::unique_ptr<carrier_session> session = std::make_unique<carrier_session>(*world.env, carrier);
  hearer who;

  void come(const std::string& text) { carrier->owner->on_frame(core::as_bytes(text)); }
  void let_pass() {  // until nothing is due
    world.io.restart();
    world.io.run();
  }
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a datagram is a frame of the carrier, both ways, and one that does not fit is refused") {
  on_carrier s;
  s.session->observe(&s.who);
  s.come("hello");
  CHECK(s.who.heard == texts{"hello"});
  CHECK(s.session->send(core::as_bytes("answer")));
  REQUIRE(s.carrier->sent.size() == 1);
  CHECK(core::as_text(s.carrier->sent[0]) == "answer");
  CHECK(s.session->send(core::bytes(s.session->bytes_max(), 1)));
  CHECK(s.session->send(core::bytes(s.session->bytes_max() + 1, 1)).error() == transport::errc::too_large);
  CHECK(s.carrier->sent.size() == 2);
}

TEST_CASE("what comes before somebody hears waits in its order, within a bound, and what comes meanwhile behind it") {
  on_carrier s;
  for (std::size_t i = 0; i < carrier_session::early_max + 3; ++i) s.come(std::to_string(i));
  s.session->observe(&s.who);
  CHECK(s.who.heard.empty());  // never from inside observe()
  s.let_pass();
  REQUIRE(s.who.heard.size() == carrier_session::early_max);
  CHECK(s.who.heard.front() == "0");
  CHECK(s.who.heard.back() == std::to_string(carrier_session::early_max - 1));
  s.come("late");
  CHECK(s.who.heard.back() == "late");
}

TEST_CASE("the end is told once, behind what came before it") {
  on_carrier s;
  s.come("one");
  s.come("two");
  s.carrier->owner->on_ended(core::error(transport::errc::closed));
  s.session->observe(&s.who);
  s.let_pass();
  CHECK(s.who.heard == texts{"one", "two"});
  REQUIRE(s.who.closed.size() == 1);
  CHECK(s.who.closed[0] == transport::errc::closed);
  s.session->observe(&s.who);
  s.let_pass();
  CHECK(s.who.closed.size() == 1);
}

TEST_CASE("who hears a datagram may drop the session from inside: nothing more is told, and the carrier is closed") {
  on_carrier s;
  s.come("one");
  s.come("two");
  s.who.drops = &s.session;
  s.session->observe(&s.who);
  s.let_pass();
  CHECK(s.who.heard == texts{"one"});
  CHECK(s.session == nullptr);
  CHECK(s.carrier->closed);
  CHECK(s.carrier->owner == nullptr);
}

}  // namespace carrier_session_test
