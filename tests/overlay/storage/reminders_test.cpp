#include "storage/reminders.hpp"

#include <doctest.h>

namespace reminders_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::reminders;

namespace {

identity::node_id node(std::uint8_t n) {
  identity::node_id out;
  out.octets.fill(n);
  return out;
}

}  // namespace

TEST_CASE("who stays unsynced is reminded often at first, then ever less, and at last no more") {
  reminders r;
  unsigned first_ten_seconds = 0, first_minute = 0, all = 0, given_up = 0;
  for (int second = 0; second < 24 * 3600; ++second) {
    const auto work = r.due({node(1)}, core::time_point{1s * (100 + second)});
    all += static_cast<unsigned>(work.remind.size());
    given_up += static_cast<unsigned>(work.given_up.size());
    if (second < 10) first_ten_seconds = all;
    if (second < 60) first_minute = all;
  }
  CHECK(first_ten_seconds == 10);
  CHECK(first_minute <= 15);
  CHECK(all == reminders::at_most);
  CHECK(given_up == 1);
}

TEST_CASE("who has synced and is unsynced again begins anew") {
  reminders r;
  for (int second = 0; second < 3600; ++second) (void)r.due({node(1)}, core::time_point{1s * (100 + second)});
  CHECK(r.due({node(1)}, core::time_point{4000s}).remind.empty());
  CHECK(r.due({}, core::time_point{4001s}).remind.empty());
  CHECK(r.due({node(1), node(2)}, core::time_point{4002s}).remind.size() == 2);
}

}  // namespace reminders_test
