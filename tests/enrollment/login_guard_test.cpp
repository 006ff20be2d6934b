#include "../../src/enrollment/login_guard.hpp"

#include <doctest.h>

namespace login_guard_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace std::chrono_literals;
using lane = login_queue::lane;

namespace {

constexpr core::time_point start{1000h};
constexpr unsigned per_minute = 30;
const std::string alice = "alice@example.com";

login_place network(std::uint32_t n) { return login_place::of(asio::ip::address_v4(0x0a000001 + (n << 8))); }

struct fixture {
  login_guard guard{per_minute, core::hash_key{3, 4}};

  void fail(std::uint32_t n, const std::string& user, core::time_point now) {
    const auto a = guard.begin(network(n), user, now);
    if (!a.refused) guard.failed(a, now);
  }
  void succeed(std::uint32_t n, const std::string& user, core::time_point now) {
    const auto a = guard.begin(network(n), user, now);
    REQUIRE_FALSE(a.refused);
    guard.succeeded(a, now);
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a network is clean until somebody fails from it, and clean again an hour later") {
  CHECK(guard.begin(network(1), alice, start).lane == lane::clean);
  fail(1, "bob@example.com", start);
  CHECK(guard.begin(network(1), alice, start + 59min).lane == lane::suspect);
  CHECK(guard.begin(network(2), alice, start + 59min).lane == lane::clean);
  CHECK(guard.begin(network(1), alice, start + 60min).lane == lane::clean);
}

TEST_CASE_FIXTURE(fixture,
                  "where many networks of a region have failed its others are suspect, too, but not who has proven himself there") {
  succeed(200, alice, start);
  for (unsigned n = 0; n < login_guard::failed_networks_max - 1; ++n) {
    fail(n, "bob@example.com", start);
    fail(n, "bob@example.com", start);  // a network counts once
  }
  CHECK(guard.begin(network(100), "carol@example.com", start).lane == lane::clean);
  fail(99, "dora@example.com", start);
  CHECK(guard.begin(network(100), "carol@example.com", start).lane == lane::suspect);
  CHECK(guard.begin(network(100 + 256), "carol@example.com", start).lane == lane::clean);
  CHECK(guard.begin(network(200), alice, start).lane == lane::proven);
  CHECK(guard.begin(network(100), "carol@example.com", start + 1h).lane == lane::clean);
}

TEST_CASE_FIXTURE(fixture, "who has logged in from a network passes by everything there, for his account and there only") {
  succeed(1, alice, start);
  for (unsigned i = 0; i < 100; ++i) fail(1, "bob@example.com", start);
  for (unsigned n = 100; n < 400; ++n) fail(n, alice, start);
  CHECK(guard.begin(network(1), "bob@example.com", start).refused == login_guard::refusal::address);
  CHECK(guard.begin(network(500), alice, start).refused == login_guard::refusal::account);
  const auto owner = guard.begin(network(1), alice, start);
  CHECK_FALSE(owner.refused);
  CHECK(owner.lane == lane::proven);
}

TEST_CASE_FIXTURE(fixture, "guesses from a proven network are bounded, and end its proof until the owner comes again") {
  succeed(1, alice, start);
  for (unsigned i = 0; i < login_guard::proven_failures_max; ++i) {
    CHECK(guard.begin(network(1), alice, start).lane == lane::proven);  // in flight they count as failed
  }
  CHECK(guard.begin(network(1), alice, start).lane != lane::proven);
  succeed(1, alice, start);
  CHECK(guard.begin(network(1), alice, start).lane == lane::proven);
}

TEST_CASE_FIXTURE(fixture, "an account is guessed at no faster from a thousand networks than from one") {
  unsigned admitted = 0;
  for (unsigned n = 0; n < 1000; ++n) admitted += !guard.begin(network(n), alice, start).refused;
  CHECK(admitted == login_guard::strangers_burst);
  CHECK(guard.begin(network(2000), alice, start).refused == login_guard::refusal::account);
  CHECK_FALSE(guard.begin(network(2000), "bob@example.com", start).refused);
  CHECK_FALSE(guard.begin(network(2000), alice, start + login_guard::strangers_interval).refused);
}

TEST_CASE_FIXTURE(fixture, "what seen guessers do to an account takes nothing from networks that nobody has failed from") {
  for (unsigned n = 0; n < 50; ++n) fail(n, "x" + std::to_string(n) + "@example.com", start);
  for (unsigned i = 0; i < 20; ++i) {
    for (unsigned n = 0; n < 50; ++n) fail(n, alice, start);
  }
  const auto owner = guard.begin(network(1000), alice, start);  // from a place where he never was
  CHECK_FALSE(owner.refused);
  CHECK(owner.lane == lane::clean);
}

TEST_CASE_FIXTURE(fixture, "log-ins that succeed cost an account and an address nothing") {
  for (unsigned i = 0; i < 5 * per_minute; ++i) {
    succeed(i, alice, start);
    succeed(7, "user" + std::to_string(i) + "@example.com", start);
  }
}

}  // namespace login_guard_test
