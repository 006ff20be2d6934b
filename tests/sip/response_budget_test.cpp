#include "sip/response_budget.hpp"

#include <doctest.h>

namespace response_budget_test {

using namespace phyllo;
using namespace std::chrono_literals;
using sip::response_budget;

namespace {

const core::time_point start{1h};
const core::hash_key hash{.first = 1, .second = 2};
const auto someone = asio::ip::make_address("192.0.2.1");
const auto other = asio::ip::make_address("192.0.2.2");

}  // namespace

TEST_CASE("a stranger is answered 1.5 times what came from him, and no more") {
  response_budget b(hash);
  CHECK_FALSE(b.take(someone, 1, false, start));
  b.received(someone, 400, start);
  CHECK(b.take(someone, 500, false, start));
  CHECK_FALSE(b.take(someone, 101, false, start));
  CHECK(b.take(someone, 100, false, start));
  CHECK_FALSE(b.take(other, 1, false, start));
  b.received(someone, 400, start);  // a retransmission
  CHECK(b.take(someone, 600, false, start));
}

TEST_CASE("provisional responses leave room for the final one") {
  response_budget b(hash);
  b.received(someone, 1200, start);
  CHECK(b.take(someone, 350, true, start));        // 100
  CHECK_FALSE(b.take(someone, 700, true, start));  // 180
  CHECK(b.take(someone, 1100, false, start));      // 200
}

TEST_CASE("a stranger gets ten answers in any second at most, whatever he sends") {
  response_budget b(hash);
  b.received(someone, 100'000, start);
  int n = 0;
  for (int i = 0; i < 100; ++i) n += b.take(someone, 10, false, start) ? 1 : 0;
  CHECK(n == 5);
  for (auto t = start; t < start + 1s; t += 1ms) n += b.take(someone, 10, false, t) ? 1 : 0;
  CHECK(n >= 9);
  CHECK(n <= 10);
}

TEST_CASE("who has shown that he receives has no bounds, for an hour") {
  response_budget b(hash);
  b.received(someone, 10, start);
  b.proved(someone, start);
  for (int i = 0; i < 1000; ++i) CHECK(b.take(someone, 5000, false, start));
  CHECK(b.proven(someone, start + 59min));
  CHECK_FALSE(b.take(someone, 5000, false, start + 60min));
}

TEST_CASE("a flood of addresses takes no more memory than its bound, and takes no proof away") {
  response_budget b(hash);
  b.proved(someone, start);
  for (unsigned i = 0; i < 200'000; ++i) {
    const asio::ip::address a = asio::ip::address_v4(0x0a000000U + i);
    b.received(a, 300, start);
    CHECK_FALSE(b.take(a, 451, false, start));
  }
  CHECK(b.take(someone, 5000, false, start));
}

TEST_CASE("however many have shown that they receive, the next one counts as well") {
  response_budget b(hash);
  for (unsigned i = 0; i < 100'000; ++i) b.proved(asio::ip::address_v4(0x0a000000U + i), start);
  b.proved(someone, start);
  CHECK(b.proven(someone, start));
  CHECK(b.proven(asio::ip::address_v4(0x0a000000U + 99'999), start));
  CHECK_FALSE(b.proven(asio::ip::address_v4(0x0a000000U), start));
}

TEST_CASE("a stranger who is pushed out by a flood of addresses gets no more answers by it") {
  response_budget b(hash);
  const auto spend = [&](const asio::ip::address& a) {
    b.received(a, 100'000, start);
    int n = 0;
    for (int i = 0; i < 20; ++i) n += b.take(a, 10, false, start) ? 1 : 0;
    return n;
  };
  CHECK(spend(someone) == 5);
  for (unsigned i = 0; i < 2 * response_budget::sources_max; ++i) static_cast<void>(spend(asio::ip::address_v4(0x0a000000U + i)));
  CHECK(spend(someone) == 0);
}

}  // namespace response_budget_test
