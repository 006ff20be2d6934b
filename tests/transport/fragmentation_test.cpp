#include "transport/fragmentation.hpp"

#include <doctest.h>

#include <algorithm>
#include <random>

#include "phyllo/transport/errc.hpp"
#include "reload_bytes.hpp"

using namespace phyllo;
using namespace std::chrono_literals;
using testing::reload_message;

namespace {

const core::time_point start{1h};
constexpr std::size_t room = 1187;

std::optional<core::bytes> feed(transport::reassembler& r, const std::vector<core::bytes>& parts, core::time_point now = start) {
  std::optional<core::bytes> whole;
  for (const auto& p : parts) {
    auto out = r.add(p, now);
    REQUIRE_MESSAGE(out.has_value(), (out ? "" : out.error().message()));
    if (*out) whole = std::move(*out);
  }
  return whole;
}

}  // namespace

TEST_CASE("a message that fits stays as it is") {
  const auto m = reload_message(1, 100);
  const auto parts = transport::fragment(m, room);
  REQUIRE(parts.size() == 1);
  CHECK(parts[0] == m);
  CHECK_FALSE(transport::is_fragment(m));
}

TEST_CASE("fragments fit, are of equal size, bear whole headers, and come together in any order") {
  std::mt19937 random(1);
  for (const std::size_t body : {1200UL, 2300UL, 16384UL, 65498UL}) {
    const auto m = reload_message(7, body, 90);
    auto parts = transport::fragment(m, room);
    REQUIRE(parts.size() > 1);
    for (const auto& p : parts) {
      CHECK(p.size() <= room - 32);
      CHECK(transport::is_fragment(p));
      CHECK(p.size() ==
            (static_cast<std::size_t>(p[16]) << 24 | static_cast<std::size_t>(p[17]) << 16 | static_cast<std::size_t>(p[18]) << 8 | p[19]));
    }
    CHECK(parts.front().size() - parts.back().size() < parts.size());
    std::shuffle(parts.begin(), parts.end(), random);
    transport::reassembler r(65536 + 200);
    CHECK(feed(r, parts) == m);
    CHECK(r.held_bytes() == 0);
  }
}

TEST_CASE("what is no RELOAD message, or is all header, is left to IP") {
  CHECK(transport::fragment(core::bytes(5000, 1), room).size() == 1);
  CHECK(transport::fragment(reload_message(1, 3000, 900), room).size() == 1);
}

TEST_CASE("a doubled fragment is ignored") {
  const auto m = reload_message(1, 4000);
  auto parts = transport::fragment(m, room);
  parts.insert(parts.begin() + 1, parts[0]);
  transport::reassembler r(65536);
  CHECK(feed(r, parts) == m);
}

TEST_CASE("fragments of two messages do not mix") {
  const auto a = reload_message(1, 3000);
  const auto b = reload_message(2, 3000);
  const auto of_a = transport::fragment(a, room);
  const auto of_b = transport::fragment(b, room);
  transport::reassembler r(65536);
  for (std::size_t i = 0; i + 1 < of_a.size(); ++i) CHECK_FALSE(feed(r, {of_a[i], of_b[i]}).has_value());
  CHECK(feed(r, {of_a.back()}) == a);
  CHECK(feed(r, {of_b.back()}) == b);
}

TEST_CASE("fragments that contradict each other are dropped with their message") {
  const auto m = reload_message(1, 3000);
  const auto parts = transport::fragment(m, room);
  auto shifted = parts[1];
  --shifted[15];  // one byte earlier: it overlaps the first
  transport::reassembler r(65536);
  REQUIRE(r.add(parts[0], start));
  CHECK(r.add(shifted, start).error() == transport::errc::malformed);
  CHECK(r.held_bytes() == 0);
  auto changed = parts[0];
  changed.back() ^= 1;
  REQUIRE(r.add(parts[0], start));
  CHECK(r.add(changed, start).error() == transport::errc::malformed);
}

TEST_CASE("a length that lies is malformed") {
  auto p = transport::fragment(reload_message(1, 3000), room)[0];
  p.pop_back();
  transport::reassembler r(65536);
  CHECK(r.add(p, start).error() == transport::errc::malformed);
}

TEST_CASE("incomplete messages are forgotten after 15 seconds") {
  const auto parts = transport::fragment(reload_message(1, 3000), room);
  transport::reassembler r(65536);
  REQUIRE(r.add(parts[0], start));
  CHECK(r.held_bytes() > 0);
  const auto other = transport::fragment(reload_message(2, 3000), room);
  REQUIRE(r.add(other[0], start + 15s));
  CHECK(r.held_bytes() == other[0].size() - 38);
}

TEST_CASE("memory, messages and sizes are bounded") {
  transport::reassembler r(65536);
  std::size_t refused = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto out = r.add(transport::fragment(reload_message(i, 3000), room)[0], start);
    if (!out) {
      CHECK(out.error() == transport::errc::overloaded);
      ++refused;
    }
  }
  CHECK(refused == 1000 - transport::reassembler::messages_max);
  transport::reassembler small(2000);
  CHECK(small.add(transport::fragment(reload_message(1, 3000), room).back(), start).error() == transport::errc::too_large);
}

TEST_CASE("the links of a host share a limit: whoever holds the most gives its oldest message up, and others lose none") {
  transport::reassembly_pool pool(8000);
  transport::reassembler greedy(65536, &pool);
  transport::reassembler modest(65536, &pool);
  const auto first = transport::fragment(reload_message(1, 3000), room);
  const auto piece = first[0].size() - 38;
  REQUIRE(modest.add(first[0], start));
  std::uint64_t i = 2;
  for (; pool.has_room(piece); ++i) REQUIRE(greedy.add(transport::fragment(reload_message(i, 3000), room)[0], start + 1s));
  // The greedy one gets no more room at the cost of others.
  CHECK(greedy.add(transport::fragment(reload_message(i, 3000), room)[0], start + 1s).error() == transport::errc::overloaded);
  CHECK(pool.given_up() == 0);
  CHECK(modest.held_bytes() == piece);
  // The modest one gets it, and its message becomes whole.
  REQUIRE(modest.add(first[1], start + 2s));
  CHECK(pool.given_up() > 0);
  CHECK(feed(modest, {first[2]}) == reload_message(1, 3000));
  CHECK(modest.held_bytes() == 0);
  CHECK(pool.held_bytes() == greedy.held_bytes());
}

TEST_CASE("what is too old on a silent link makes room for others, and a link that ends gives all back") {
  transport::reassembly_pool pool(3000);
  std::optional<transport::reassembler> silent;
  silent.emplace(65536, &pool);
  transport::reassembler other(65536, &pool);
  const auto old = transport::fragment(reload_message(1, 3000), room);
  const auto fresh = transport::fragment(reload_message(2, 3000), room);
  REQUIRE(silent->add(old[0], start));
  REQUIRE(silent->add(old[1], start));
  CHECK_FALSE(pool.has_room(2 * (fresh[0].size() - 38)));
  REQUIRE(other.add(fresh[0], start + transport::reassembler::patience));
  REQUIRE(other.add(fresh[1], start + transport::reassembler::patience));
  CHECK(silent->held_bytes() == 0);
  CHECK(pool.given_up() == 0);
  REQUIRE(silent->add(transport::fragment(reload_message(3, 1500), room)[0], start + transport::reassembler::patience));
  silent.reset();
  CHECK(pool.held_bytes() == other.held_bytes());
}
