#include "transport/link/move_exchange.hpp"

#include <doctest.h>

#include "link/memory_carrier.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"

namespace move_exchange_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::awaitable<void> ask(core::environment& env, transport::move_exchange& x, core::result<transport::receive_state>& out) {
  transport::move_frame question;
  question.token.fill(7);
  out = co_await x.run(question, env.now() + 5s);
}

struct moving {
  testing::simulated_world world;
  testing::small_overlay overlay;
  std::shared_ptr<testing::memory_carrier> carrier;
  transport::move_exchange exchange;
  core::result<transport::receive_state> out = core::fail(core::errc::invalid);

  explicit moving(transport::link_kind kind = transport::link_kind::dtls)
      : carrier(std::make_shared<testing::memory_carrier>(overlay.credential(1), kind)), exchange(world.env(), carrier) {}

  void begin() { world.spawn(ask(world.env(), exchange, out)); }
  void hears(core::duration after, core::bytes frame) {
    world.at(world.now() + after, [this, frame] { carrier->owner->on_frame(frame); });
  }
  void run() { world.run_for(10s); }
};

core::bytes answer(bool accepted, std::uint32_t highest = 42) {
  transport::move_frame m;
  m.moved = true;
  m.accepted = accepted;
  m.state.highest = highest;
  m.state.seen.set(0);
  return transport::encode_move(m);
}

}  // namespace

TEST_CASE("the peer's answer says what it has, and the question went out once") {
  moving m;
  m.begin();
  m.hears(100ms, answer(true));
  m.run();
  REQUIRE(m.out);
  CHECK(m.out->highest == 42);
  REQUIRE(m.carrier->sent.size() == 1);
  const auto question = transport::decode_move(m.carrier->sent[0]);
  REQUIRE(question);
  CHECK_FALSE(question->moved);
  CHECK(question->token[0] == 7);
}

TEST_CASE("over datagrams the question is repeated with growing pauses, over a stream it is not") {
  moving datagrams;
  datagrams.begin();
  datagrams.run();
  CHECK(datagrams.out.error() == transport::errc::timed_out);
  CHECK(datagrams.carrier->sent.size() == 5);  // at 0, 0.3, 0.9, 2.1 and 4.5 s
  moving stream(transport::link_kind::tls);
  stream.begin();
  stream.run();
  CHECK(stream.out.error() == transport::errc::timed_out);
  CHECK(stream.carrier->sent.size() == 1);
}

TEST_CASE("a peer that knows no such link refuses, and its first answer counts") {
  moving m;
  m.begin();
  m.hears(1ms, answer(false));
  m.hears(1ms, answer(true));
  m.run();
  CHECK(m.out.error() == transport::errc::refused);
}

TEST_CASE("data after the answer is kept, data before it is not, and neither are questions or nonsense an answer") {
  moving m;
  m.begin();
  m.hears(1ms, transport::encode_data(1, core::as_bytes("early")));
  m.hears(2ms, transport::encode_move({}));
  m.hears(3ms, core::bytes{transport::frame_type_moved, 1});
  m.hears(4ms, answer(true, 9));
  m.hears(5ms, transport::encode_data(2, core::as_bytes("after")));
  m.hears(6ms, answer(true, 10));
  m.run();
  REQUIRE(m.out);
  CHECK(m.out->highest == 9);
  auto early = m.exchange.take_early();
  REQUIRE(early.size() == 1);
  CHECK(core::as_text(transport::decode_frame(early.front())->message) == "after");
  CHECK(m.exchange.take_early().empty());
}

TEST_CASE("what comes early is bounded") {
  moving m;
  m.begin();
  m.hears(1ms, answer(true));
  const core::bytes large = transport::encode_data(1, core::bytes(300'000));
  for (int i = 0; i < 5; ++i) m.hears(2ms, large);
  m.run();
  CHECK(m.exchange.take_early().size() == 3);
}

TEST_CASE("a carrier that breaks ends the exchange with its reason") {
  moving m;
  m.begin();
  m.world.at(m.world.now() + 1ms, [&] { m.carrier->owner->on_ended(core::error(transport::errc::closed, "gone")); });
  m.run();
  CHECK(m.out.error() == transport::errc::closed);
  moving broken;
  broken.carrier->broken = core::error(transport::errc::overloaded);
  broken.begin();
  broken.run();
  CHECK(broken.out.error() == transport::errc::overloaded);
}

TEST_CASE("the exchange lets go of its carrier in the end") {
  testing::simulated_world world;
  const testing::small_overlay overlay;
  const auto carrier = std::make_shared<testing::memory_carrier>(overlay.credential(1), transport::link_kind::dtls);
  {
    const transport::move_exchange x(world.env(), carrier);
    CHECK(carrier->owner != nullptr);
  }
  CHECK(carrier->owner == nullptr);
}

}  // namespace move_exchange_test
