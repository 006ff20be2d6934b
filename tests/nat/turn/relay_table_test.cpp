#include "turn/relay_table.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace relay_table_test {

using namespace turn_bench;
using wanted = nat::port_pool::wanted;

TEST_CASE("relays are opened at the address of their family, and their numbers used again") {
  recorder r;
  nat::relay_table t(r, {at("198.51.100.9:0").address, at("198.51.100.8:0").address}, 50000, 50009, {1, 2});
  CHECK(t.serves(stun::address_family::v4));
  CHECK_FALSE(t.serves(stun::address_family::v6));
  CHECK_FALSE(t.open(stun::address_family::v6, wanted::any).has_value());
  const auto one = t.open(stun::address_family::v4, wanted::any).value();
  const auto two = t.open(stun::address_family::v4, wanted::even_and_next).value();
  CHECK(t.at(two).port + 1 == t.at(t.second()).port);
  CHECK(t.at(one).address == at("198.51.100.9:0").address);
  CHECK(t.size() == 3);
  CHECK(t.owner(one) == nullptr);
  CHECK(t.owner(99) == nullptr);
  t.close(one);
  CHECK(t.open(stun::address_family::v4, wanted::any) == one);
}

TEST_CASE("ports of other programs are passed over, each tried once, and tried again another time") {
  recorder r;
  nat::relay_table t(r, {at("198.51.100.9:0").address}, 50000, 50003, {1, 2});
  r.taken = {50000, 50001, 50002};
  const auto one = t.open(stun::address_family::v4, wanted::any).value();
  CHECK(t.at(one).port == 50003);
  CHECK_FALSE(t.open(stun::address_family::v4, wanted::any).has_value());
  r.taken.clear();
  CHECK(t.open(stun::address_family::v4, wanted::any).has_value());
  CHECK(t.size() == 2);
}

}  // namespace relay_table_test
