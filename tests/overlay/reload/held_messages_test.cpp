#include "reload/held_messages.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"

namespace held_messages_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};

void hold(held_messages& held, std::uint64_t transaction, core::time_point now) {
  forwarding_header h;
  h.transaction_id = transaction;
  held.hold(std::move(h), nullptr, id(1), now);
}

}  // namespace

TEST_CASE("held messages are asked about in the order in which they came") {
  held_messages held;
  for (std::uint64_t i = 0; i < 3; ++i) hold(held, i, start);
  const auto all = held.take_all();
  REQUIRE(all.size() == 3);
  for (std::uint64_t i = 0; i < 3; ++i) CHECK(all[i].header.transaction_id == i);
  CHECK(all[0].from == id(1));
  CHECK(held.size() == 0);
}

TEST_CASE("a message is held for eight seconds, and for no longer when it is asked about meanwhile") {
  held_messages held;
  CHECK(held.next_due() == core::time_point::max());
  hold(held, 1, start);
  hold(held, 2, start + 1s);
  CHECK(held.next_due() == start + 8s);
  for (auto& m : held.take_all()) held.put_back(std::move(m));
  held.expire(start + 8s - 1ns);
  CHECK(held.size() == 2);
  held.expire(start + 8s);
  CHECK(held.size() == 1);
  CHECK(held.next_due() == start + 9s);
}

TEST_CASE("there is a bound to what is held") {
  held_messages held;
  while (held.size() < held_messages::held_max) {  // ends with the bound
    CHECK_FALSE(held.full());
    hold(held, held.size(), start);
  }
  CHECK(held.full());
  held.clear();
  CHECK_FALSE(held.full());
}

}  // namespace held_messages_test
