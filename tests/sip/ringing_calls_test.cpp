#include "sip/ringing_calls.hpp"

#include <doctest.h>

#include <vector>

namespace ringing_calls_test {

using namespace phyllo::sip;
using verdict = ringing_calls::verdict;

namespace {

constexpr phyllo::core::hash_key key{1, 2};

ringing_calls::caller stranger(const std::string& domain, const std::string& address) { return {{domain, address}, true}; }
ringing_calls::caller user(const std::string& name) { return {{name}, false}; }

// How many of `n` calls are admitted; they stay.
std::size_t admitted(ringing_calls& r, std::vector<ringing_calls::place>& held, std::size_t n, const std::string& callee,
                     const ringing_calls::caller& by) {
  std::size_t good = 0;
  for (std::size_t i = 0; i < n; ++i) {
    ringing_calls::place p;
    if (r.admit(p, callee, by) != verdict::admitted) continue;
    ++good;
    held.push_back(std::move(p));
  }
  return good;
}

}  // namespace

TEST_CASE("one caller has a quarter of a callee's places, strangers a half, and users all") {
  ringing_calls r({.per_callee = 32, .per_caller = 1000}, key);
  std::vector<ringing_calls::place> held;
  CHECK(admitted(r, held, 100, "bob", stranger("a.example", "192.0.2.1")) == 8);
  CHECK(admitted(r, held, 100, "bob", stranger("b.example", "192.0.2.1")) == 0);  // another domain from the same address
  CHECK(admitted(r, held, 100, "bob", stranger("a.example", "192.0.2.2")) == 0);  // the same domain from another address
  CHECK(admitted(r, held, 100, "bob", stranger("b.example", "192.0.2.2")) == 8);
  CHECK(admitted(r, held, 100, "bob", stranger("c.example", "192.0.2.3")) == 0);
  CHECK(admitted(r, held, 100, "bob", user("alice")) == 8);
  CHECK(admitted(r, held, 100, "bob", user("carol")) == 8);
  CHECK(admitted(r, held, 100, "bob", user("dave")) == 0);
  CHECK(admitted(r, held, 1, "carol", stranger("c.example", "192.0.2.3")) == 1);
}

TEST_CASE("one caller has a bound over all callees, and it is told from the callee's") {
  ringing_calls r({.per_callee = 32, .per_caller = 10}, key);
  std::vector<ringing_calls::place> held;
  std::size_t good = 0;
  for (int i = 0; i < 20; ++i) good += admitted(r, held, 1, "user" + std::to_string(i), stranger("a.example", std::to_string(i)));
  CHECK(good == 10);
  ringing_calls::place p;
  CHECK(r.admit(p, "another", stranger("a.example", "192.0.2.9")) == verdict::caller_busy);
  CHECK(r.admit(p, "another", stranger("b.example", "192.0.2.9")) == verdict::admitted);
}

TEST_CASE("a gateway of the operator's is bound by the callee's places alone") {
  ringing_calls r({.per_callee = 32, .per_caller = 2}, key);
  std::vector<ringing_calls::place> held;
  CHECK(admitted(r, held, 100, "bob", {{}, false}) == 32);
}

TEST_CASE("the end of a call gives its places back, and nothing is kept of it") {
  ringing_calls r({.per_callee = 4, .per_caller = 4}, key);
  for (int i = 0; i < 1000; ++i) {
    ringing_calls::place p;
    REQUIRE(r.admit(p, "bob", stranger("a.example", "192.0.2.1")) == verdict::admitted);
    REQUIRE(r.admit(p, "carol", stranger("a.example", "192.0.2.1")) == verdict::admitted);  // forwarded to another
    ringing_calls::place other(std::move(p));
    if (i % 2 == 0) other.release();
  }
  CHECK(r.size() == 0);
}

TEST_CASE("the least bounds leave each kind of caller one place") {
  ringing_calls r({.per_callee = 1, .per_caller = 1}, key);
  std::vector<ringing_calls::place> held;
  CHECK(admitted(r, held, 3, "bob", stranger("a.example", "192.0.2.1")) == 1);
  CHECK(admitted(r, held, 3, "carol", user("alice")) == 1);
}

}  // namespace ringing_calls_test
