#include "turn/port_pool.hpp"

#include <doctest.h>

#include <set>

namespace port_pool_test {

using namespace phyllo;
using wanted = nat::port_pool::wanted;

TEST_CASE("each port goes to one at a time, and all of them go") {
  nat::port_pool p(50000, 50099, {1, 2});
  std::set<std::uint16_t> got;
  for (int i = 0; i < 100; ++i) got.insert(p.take(wanted::any).value());
  CHECK(got.size() == 100);
  CHECK(*got.begin() == 50000);
  CHECK(*got.rbegin() == 50099);
  CHECK_FALSE(p.take(wanted::any).has_value());
  p.give_back(50007);
  CHECK(p.take(wanted::any) == 50007);
}

TEST_CASE("even ones, and even ones whose successor is free and is taken with them") {
  nat::port_pool p(50001, 50004, {1, 2});
  CHECK(p.take(wanted::even_and_next) == 50002);
  CHECK(p.take(wanted::even) == 50004);
  CHECK_FALSE(p.take(wanted::even).has_value());
  CHECK(p.take(wanted::any) == 50001);
  CHECK_FALSE(p.take(wanted::any).has_value());
  p.give_back(50004);
  CHECK_FALSE(p.take(wanted::even_and_next).has_value());  // 50005 is not ours
}

TEST_CASE("whoever does not know the key does not foretell the next port") {
  nat::port_pool one(49152, 65535, {1, 2});
  nat::port_pool other(49152, 65535, {1, 3});
  int same = 0;
  for (int i = 0; i < 100; ++i) same += one.take(wanted::any) == other.take(wanted::any) ? 1 : 0;
  CHECK(same < 5);
}

}  // namespace port_pool_test
