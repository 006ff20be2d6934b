#include "stun_machine.hpp"

#include <doctest.h>

#include <memory>

#include "phyllo/stun/message.hpp"
#include "recorder.hpp"

namespace stun_machine_test {

using namespace phyllo;
using namespace phyllo::load;
using namespace load_test;
using namespace std::chrono_literals;

namespace {

struct asking {
  core::time_point now{100s};
  recorder out;
  std::unique_ptr<stun_machine> machine =
      std::make_unique<stun_machine>(stun_machine::settings{.ways = 2, .timing = {}, .operations_max = 3}, out, now);

  stun::message begin() {
    machine->begin(now, now);
    return stun::message::decode(core::as_bytes(out.messages.back().text)).value();
  }
  void answer(const stun::message& request, stun::message_type type, bool mapped) {
    stun::message m;
    m.type = type;
    m.transaction = request.transaction;
    if (mapped) m.add_xor_mapped_address({asio::ip::make_address("192.0.2.1"), 5});
    machine->on_message({0, {}, std::string(core::as_text(m.encode()))}, now);
  }
  tally& counted() { return machine->counted(); }
};

}  // namespace

TEST_CASE("each request is a Binding request of its own, by the ways in turn") {
  asking a;
  const auto first = a.begin(), second = a.begin();
  CHECK(first.type == stun::message_type::binding_request);
  CHECK(first.transaction != second.transaction);
  CHECK(a.out.messages[0].way == 0);
  CHECK(a.out.messages[1].way == 1);
}

TEST_CASE("a mapped address is a success, counted from the intended begin") {
  asking a;
  const auto request = a.begin();
  a.now += 4ms;
  a.answer(request, stun::message_type::binding_success, true);
  CHECK(a.counted().succeeded == 1);
  CHECK(a.counted().whole.max_us() == 4000);
}

TEST_CASE("an error, and an answer without an address, are failures") {
  asking a;
  a.answer(a.begin(), stun::message_type::binding_error, false);
  a.answer(a.begin(), stun::message_type::binding_success, false);
  REQUIRE(a.counted().failures.size() == 2);
  CHECK(a.counted().failures[0].reason == "error response");
  CHECK(a.counted().failures[1].reason == "no mapped address");
}

TEST_CASE("an answer that comes twice, or is none, is unexpected") {
  asking a;
  const auto request = a.begin();
  a.answer(request, stun::message_type::binding_success, true);
  a.answer(request, stun::message_type::binding_success, true);
  a.answer(a.begin(), stun::message_type::binding_request, true);
  a.machine->on_message({0, {}, "x"}, a.now);
  CHECK(a.counted().unexpected == 3);
}

TEST_CASE("a request is sent again with doubled intervals (RFC 8489 s.6.2.1) and given up") {
  asking a;
  a.begin();
  for (int i = 0; i < 3300; ++i) a.machine->on_time(a.now += 10ms);
  CHECK(a.out.messages.size() == 7);
  CHECK(a.counted().failures.at(0).reason == "timed out");
  CHECK(a.machine->open() == 0);
}

}  // namespace stun_machine_test
