#include "turn/turn_grants.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_grants_test {

using namespace turn_bench;

TEST_CASE("a pair is opened and its second port held, in the quota of who asked, until it is taken or expires") {
  recorder done;
  nat::turn_limits limits;
  limits.allocations_of_user = 1;
  nat::turn_quotas quotas(limits, {1, 2});
  nat::relay_table relays(done, {at("198.51.100.9:0").address}, 50000, 50009, {1, 2});
  nat::turn_grants grants(relays, quotas, {3, 4});
  const core::bytes octets = *core::from_hex("000300002112a442000000000000000000000000");
  const auto m = stun::message_view::parse(octets).value();
  const nat::five_tuple from{at("192.0.2.1:1"), at("198.51.100.9:3478"), nat::client_transport::udp};
  const nat::turn_request r{from, m, core::time_point(1h), "alice"};
  nat::turn_wish pair;
  pair.ports = nat::port_pool::wanted::even_and_next;
  const auto got = grants.grant(r, pair);
  REQUIRE(got.has_value());
  CHECK(quotas.taken() == 1);
  CHECK(done.open.size() == 2);
  CHECK(grants.grant(r, pair).error() == 486);
  CHECK(done.open.size() == 2);
  nat::turn_wish held;
  held.token = got->reserved;
  CHECK(grants.grant(r, held)->relays.size() == 1);
  CHECK(quotas.taken() == 0);
  CHECK(grants.grant(r, held).error() == 508);
  REQUIRE(grants.grant(r, pair).has_value());
  CHECK(grants.next() == r.now + 30s);
  grants.expire(r.now + 30s);
  CHECK(quotas.taken() == 0);
  CHECK(done.open.size() == 3);
}

}  // namespace turn_grants_test
