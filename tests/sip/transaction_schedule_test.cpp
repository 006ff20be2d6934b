#include "sip/transaction_schedule.hpp"

#include <doctest.h>

namespace transaction_schedule_test {

using namespace phyllo;
using namespace std::chrono_literals;

TEST_CASE("timers come in the order of their times, however they were set") {
  sip::transaction_schedule s;
  CHECK(s.empty());
  CHECK(s.next() == core::time_point::max());
  const core::time_point start{1h};
  for (const auto offset : {3s, 1s, 2s, 1s}) s.add(start + offset, static_cast<std::uint64_t>(offset.count()));
  CHECK(s.next() == start + 1s);
  std::vector<std::uint64_t> order;
  while (!s.empty()) order.push_back(s.take().id);
  CHECK(order == std::vector<std::uint64_t>{1, 1, 2, 3});
  CHECK(s.next() == core::time_point::max());
}

TEST_CASE("one that is set anew stands there twice, each with its time") {
  sip::transaction_schedule s;
  const core::time_point start{1h};
  s.add(start + 5s, 7);
  s.add(start + 2s, 7);
  const auto sooner = s.take();
  CHECK(sooner.when == start + 2s);
  CHECK(sooner.id == 7);
  CHECK(s.next() == start + 5s);
}

}  // namespace transaction_schedule_test
