#include "sip/message_door.hpp"

#include <doctest.h>

#include "sip/message_fields.hpp"
#include "support/noting_doors.hpp"
#include "support/sample_message.hpp"
#include "support/simulated_world.hpp"

namespace message_door_test {

using namespace phyllo;
using delivered = sip::message_door::delivered;
using entry = sip::doorkeeper::entry;

namespace {

struct noting_upstairs final : sip::transport_user {
  void on_message(sip::message m, const sip::source&) override { heard.push_back(std::move(m)); }
  void on_send_failed(std::uint64_t, const core::error&) override {}
  void on_flow_closed(sip::flow_id) override {}
  std::vector<sip::message> heard;
};

struct set_keeper final : sip::doorkeeper {
  void waited(core::duration) override {}
  entry enter(std::string_view, const sip::source&, bool proven, core::duration age) override {
    saw_proven = proven;
    saw_age = age;
    return says;
  }
  std::string refusal_of(std::string_view request) override { return "refused " + std::string(request.substr(0, 6)); }
  void leaving(std::string&, const identity::node_id&) override {}
  entry says = entry::admitted;
  bool saw_proven = false;
  core::duration saw_age{};
};

struct open_door {
  testing::simulated_world world;
  core::metrics metrics;
  testing::noting_doors doors;
  sip::sip_datagrams datagrams{world.env(), doors, {}, metrics};
  noting_upstairs user;
  sip::transport_upward upward;
  sip::message_door door{datagrams, upward, metrics, {}};
  sip::source from;

  open_door() {
    upward.observe(&user);
    from.remote = {asio::ip::make_address("192.0.2.5"), 5099};
  }
  sip::message_door::outcome deliver(const std::string& text) {
    return door.deliver(core::as_bytes(text), sip::framing::datagram, from, std::chrono::milliseconds(3));
  }
  [[nodiscard]] std::uint64_t received(const std::string& transport) {
    return metrics.get_counter("phyllo_sip_messages_total", "SIP messages received, by transport.", {{"transport", transport}}).value();
  }
};

const std::string ok =
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: i\r\n"
    "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

}  // namespace

TEST_CASE("a message is told upward, counted by its transport, and bears where it came from") {
  open_door d;
  const auto outcome = d.deliver(testing::sample_invite);
  CHECK(outcome.what == delivered::request);
  CHECK(outcome.answer.empty());
  REQUIRE(d.user.heard.size() == 1);
  CHECK(top_via(d.user.heard[0])->received == "192.0.2.5");
  CHECK(d.received("udp") == 1);
  CHECK(d.received("tcp") == 0);
  d.from.by = sip::protocol::tcp;
  CHECK(d.deliver(ok).what == delivered::response);
  CHECK(d.received("tcp") == 1);
  CHECK(top_via(d.user.heard[1])->received.empty());
}

TEST_CASE("an ACK counts as a response: nothing answers it") {
  open_door d;
  auto text = testing::replaced(testing::sample_invite, "INVITE sip", "ACK sip");
  text = testing::replaced(text, "314159 INVITE", "314159 ACK");
  CHECK(d.deliver(text).what == delivered::response);
  CHECK(d.user.heard.size() == 1);
}

TEST_CASE("what is no message is counted and heard by nobody; what is too large is answered by 513") {
  open_door d;
  CHECK(d.deliver("hello\r\n\r\n").what == delivered::nothing);
  CHECK(d.metrics.drops().at("sip_malformed") == 1);
  const auto large = d.deliver(testing::replaced(testing::sample_invite, "X-Odd:", "X-Odd: " + std::string(100'000, 'x')));
  CHECK(large.what == delivered::nothing);
  CHECK(large.answer.starts_with("SIP/2.0 513 "));
  CHECK(d.metrics.drops().at("sip_too_large") == 1);
  CHECK(d.user.heard.empty());
  CHECK(d.received("udp") == 0);
}

TEST_CASE("the doorkeeper says who is read: what he refuses is answered in his words, what he drops is not") {
  open_door d;
  set_keeper keeper;
  d.door.keep(&keeper);
  CHECK(d.deliver(testing::sample_invite).what == delivered::request);
  CHECK_FALSE(keeper.saw_proven);
  CHECK(keeper.saw_age == std::chrono::milliseconds(3));
  d.datagrams.prove(d.from);
  keeper.says = entry::refused;
  const auto refused = d.deliver(testing::sample_invite);
  CHECK(keeper.saw_proven);
  CHECK(refused.what == delivered::nothing);
  CHECK(refused.answer == "refused INVITE");
  keeper.says = entry::dropped;
  const auto dropped = d.deliver(testing::sample_invite);
  CHECK(dropped.what == delivered::nothing);
  CHECK(dropped.answer.empty());
  CHECK(d.user.heard.size() == 1);
  d.door.keep(nullptr);
  CHECK(d.deliver(testing::sample_invite).what == delivered::request);
}

TEST_CASE("a proxy that sends by UDP is asked for a proof at once, a phone is not") {
  open_door d;
  REQUIRE(d.datagrams.admits(d.from.remote, core::as_bytes(testing::sample_invite)));
  d.deliver(testing::replaced(testing::sample_invite, ", SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKlower", ""));
  CHECK(d.doors.probed.empty());
  d.deliver(testing::sample_invite);
  CHECK(d.doors.probed.size() == 1);
}

}  // namespace message_door_test
