#include "phyllo/transport/ladder.hpp"

#include <doctest.h>

namespace rung_memory_test {

using namespace phyllo;
using namespace phyllo::transport;
using namespace std::chrono_literals;

namespace {

const core::wall_time now{std::chrono::hours(500'000)};

}  // namespace

TEST_CASE("the winner of each network is remembered, and read back from its text") {
  rung_memory m;
  CHECK_FALSE(m.winner("home"));
  CHECK(m.note("home", rung::dtls, now));
  CHECK(m.note("work", rung::proxy_https, now));
  const auto again = rung_memory::parse(m.print());
  CHECK(again.winner("home") == rung::dtls);
  CHECK(again.winner("work") == rung::proxy_https);
  CHECK_FALSE(again.winner("elsewhere"));
}

TEST_CASE("only another winner is news") {
  rung_memory m;
  CHECK(m.note("home", rung::tls, now));
  CHECK_FALSE(m.note("home", rung::tls, now + 1h));
  CHECK(m.note("home", rung::dtls, now + 2h));
  CHECK_FALSE(m.note("", rung::dtls, now));
  CHECK_FALSE(m.note("two words", rung::dtls, now));
}

TEST_CASE("a worse rung must win three times in a row, a better one once") {
  rung_memory m;
  m.note("home", rung::tls, now);
  CHECK_FALSE(m.note("home", rung::https, now));
  CHECK_FALSE(m.note("home", rung::upgrade, now));
  CHECK_FALSE(m.note("home", rung::tls, now));  // the row ends
  CHECK_FALSE(m.note("home", rung::https, now));
  CHECK_FALSE(m.note("home", rung::https, now));
  CHECK(m.winner("home") == rung::tls);
  CHECK(m.note("home", rung::https, now));
  CHECK(m.winner("home") == rung::https);
  CHECK(m.note("home", rung::dtls, now));
  CHECK(m.winner("home") == rung::dtls);
}

TEST_CASE("the network seen longest ago is forgotten first") {
  rung_memory m;
  for (std::size_t i = 0; i <= rung_memory::networks_max; ++i) m.note("n" + std::to_string(i), rung::tls, now + i * 1s);
  CHECK_FALSE(m.winner("n0"));
  CHECK(m.winner("n1"));
  CHECK(m.winner("n" + std::to_string(rung_memory::networks_max)));
}

TEST_CASE("lines that are none of ours are skipped") {
  const auto m = rung_memory::parse("home dtls 12\nwork ladder 13\nshort\n\n dtls 5\nlast https x\ngood upgrade 14");
  CHECK(m.print() == "good upgrade 14\nhome dtls 12\n");
}

}  // namespace rung_memory_test
