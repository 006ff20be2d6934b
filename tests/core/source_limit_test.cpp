#include "phyllo/core/source_limit.hpp"

#include <doctest.h>

#include <string>

namespace source_limit_test {

using namespace phyllo;
using core::source_limit;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};
const core::hash_key hash{.first = 1, .second = 2};
asio::ip::address at(const std::string& text) { return asio::ip::make_address(text); }

int admitted(source_limit& l, const asio::ip::address& from, core::time_point now, int of) {
  int n = 0;
  for (int i = 0; i < of; ++i) n += l.admit(from, now) ? 1 : 0;
  return n;
}

}  // namespace

TEST_CASE("a source may burst, and then send at its rate; others are not touched") {
  source_limit l({.per_second = 10, .burst = 20}, hash);
  CHECK(admitted(l, at("192.0.2.1"), start, 100) == 20);
  CHECK(admitted(l, at("192.0.2.1"), start + 1s, 100) == 10);
  CHECK(admitted(l, at("192.0.2.2"), start + 1s, 100) == 20);
  CHECK(admitted(l, at("192.0.2.1"), start + 1h, 100) == 20);
}

TEST_CASE("what can wait is told how long, each of a source one place behind the other, and what can not is dropped meanwhile") {
  source_limit l({.per_second = 10, .burst = 3}, hash);
  for (int i = 0; i < 3; ++i) CHECK(l.pace(at("192.0.2.1"), start) == 0s);
  for (int i = 1; i <= 3; ++i) CHECK(l.pace(at("192.0.2.1"), start) == i * 100ms);
  CHECK(admitted(l, at("192.0.2.1"), start, 5) == 0);
  CHECK(l.pace(at("192.0.2.2"), start) == 0s);
  CHECK(admitted(l, at("192.0.2.1"), start + 399ms, 5) == 0);
  CHECK(admitted(l, at("192.0.2.1"), start + 401ms, 5) == 1);
}

TEST_CASE("no wait is longer than ten seconds, however many wait") {
  source_limit l({.per_second = 10, .burst = 3}, hash);
  core::duration longest{};
  for (int i = 0; i < 10'000; ++i) longest = std::max(longest, l.pace(at("192.0.2.1"), start));
  CHECK(longest == 10s);
}

TEST_CASE("a new limit counts from now on, and takes from no source what it has below it") {
  source_limit l({.per_second = 10, .burst = 20}, hash);
  CHECK(admitted(l, at("192.0.2.1"), start, 15) == 15);
  l.limit(1, 3);
  CHECK(admitted(l, at("192.0.2.1"), start, 100) == 3);
  CHECK(admitted(l, at("192.0.2.1"), start + 2s, 100) == 2);
  CHECK(admitted(l, at("192.0.2.2"), start, 100) == 3);
  l.limit(100, 50);
  CHECK(admitted(l, at("192.0.2.2"), start + 1s, 100) == 50);
}

TEST_CASE("an IPv6 source is its /64") {
  source_limit l({.per_second = 1, .burst = 5}, hash);
  CHECK(admitted(l, at("2001:db8::1"), start, 3) == 3);
  CHECK(admitted(l, at("2001:db8::2"), start, 9) == 2);
  CHECK(admitted(l, at("2001:db8:0:1::1"), start, 9) == 5);
}

TEST_CASE("the table of sources is bounded, and still limits") {
  source_limit l({.per_second = 1, .burst = 2, .sources_max = 100}, hash);
  for (unsigned i = 0; i < 10'000; ++i) static_cast<void>(l.admit(asio::ip::address_v4(0x0a000000U + i), start + i * 20ms));
  CHECK(l.sources() == 100);
  CHECK(admitted(l, at("192.0.2.1"), start + 200s, 50) == 2);
}

TEST_CASE("a flood of addresses clears nobody's debts") {
  source_limit l({.per_second = 1, .burst = 10, .sources_max = 1000}, hash);
  CHECK(admitted(l, at("192.0.2.1"), start, 100) == 10);
  // As many as the table holds push it out; who comes back at once begins with what the one had whose room he takes.
  for (unsigned i = 0; i < 1000; ++i) CHECK(admitted(l, asio::ip::address_v4(0x0a000000U + i), start, 100) == (i < 999 ? 10 : 0));
  CHECK(admitted(l, at("192.0.2.1"), start, 100) == 0);
}

TEST_CASE("of a flood of any addresses no more is admitted than the buckets of one table hold") {
  source_limit l({.per_second = 1, .burst = 5, .sources_max = 100}, hash);
  int n = 0;
  for (unsigned i = 0; i < 50'000; ++i) n += l.admit(asio::ip::address_v4(0x0a000000U + i), start + i * 200us) ? 1 : 0;  // for ten seconds
  CHECK(n <= 100 * (5 + 10));
}

TEST_CASE("an honest newcomer is admitted while a flood of addresses goes on, each of which was silent for a while") {
  source_limit l({.per_second = 5, .burst = 5, .sources_max = 65'536}, hash);
  core::time_point now = start;
  for (unsigned i = 0; i < 200'000; ++i, now += 20us) static_cast<void>(l.admit(asio::ip::address_v4(0x0a000000U + i), now));
  CHECK(l.admit(at("192.0.2.1"), now));
}

TEST_CASE("a source whose debts are cleared begins anew") {
  source_limit l({.per_second = 1, .burst = 3}, hash);
  CHECK(admitted(l, at("192.0.2.1"), start, 9) == 3);
  l.clear(at("192.0.2.1"));
  CHECK(admitted(l, at("192.0.2.1"), start, 9) == 3);
}

}  // namespace source_limit_test
