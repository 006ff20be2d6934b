#include "turn/allocation_table.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace allocation_table_test {

using namespace turn_bench;

TEST_CASE("allocations are found by five-tuple and serial, and the first to expire comes first") {
  const core::time_point now{1h};
  nat::allocation_table t({}, {1, 2});
  const nat::five_tuple one{at("192.0.2.1:1"), at("198.51.100.9:3478"), nat::client_transport::udp};
  const nat::five_tuple over_tcp{at("192.0.2.1:1"), at("198.51.100.9:3478"), nat::client_transport::tcp};
  auto& a = t.add(one, now + 10s);
  auto& b = t.add(over_tcp, now + 5s);
  CHECK(t.find(one) == &a);
  CHECK(t.find(over_tcp) == &b);
  CHECK(t.find(b.serial) == &b);
  CHECK(t.first() == &b);
  t.set_expiry(b, now + 20s);
  CHECK(t.first() == &a);
  const nat::five_tuple elsewhere{at("192.0.2.7:7"), at("198.51.100.9:3478"), nat::client_transport::udp};
  t.move(a, elsewhere);
  CHECK(t.find(one) == &a);
  CHECK(a.reached_at() == one);
  t.forget_former(a);
  CHECK(t.find(one) == nullptr);
  CHECK(a.reached_at() == elsewhere);
  t.remove(a);
  CHECK(t.find(elsewhere) == nullptr);
  CHECK(t.first() == &b);
  CHECK(t.size() == 1);
}

}  // namespace allocation_table_test
