#include "transport/link/fragmentation.hpp"

#include <doctest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "phyllo/transport/errc.hpp"
#include "reload_bytes.hpp"

namespace fragmentation_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::reload_message;

namespace {

const core::time_point start{1h};
constexpr std::size_t room = 1187;
constexpr std::size_t header = 38;  // without lists

// Of the first fragment of a message.
std::size_t cost_of(const core::bytes& fragment) {
  using transport::reassembler;
  return fragment.size() + reassembler::message_overhead + reassembler::piece_overhead;
}

// A piece of a message's body, as somebody may make one by hand: with lists of `lists` bytes.
core::bytes piece_of(std::uint64_t transaction, std::size_t offset, std::size_t size, std::size_t lists = 0) {
  auto p = reload_message(transaction, size, lists);
  p[12] = 0x80;
  p[13] = static_cast<std::uint8_t>(offset >> 16);
  p[14] = static_cast<std::uint8_t>(offset >> 8);
  p[15] = static_cast<std::uint8_t>(offset);
  return p;
}

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

TEST_CASE("where lists leave little room a fragment still has 256 bytes of body, unless it is the last") {
  for (const std::size_t lists : {700UL, 800UL, 861UL}) {
    for (const std::size_t body : {400UL, 460UL, 512UL, 3000UL}) {
      const auto m = reload_message(1, body, lists);
      const auto parts = transport::fragment(m, room);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        CHECK(parts[i].size() <= room);
        if (i + 1 < parts.size()) CHECK(parts[i].size() >= 38 + lists + 256);
      }
      if (parts.size() == 1) continue;
      transport::reassembler r(65536);
      CHECK(feed(r, parts) == m);
    }
  }
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
  CHECK(r.held_bytes() == cost_of(other[0]));
}

TEST_CASE("memory, messages and sizes are bounded; the oldest message makes room") {
  transport::reassembler r(65536);
  for (std::uint64_t i = 0; i < 1000; ++i) REQUIRE(r.add(transport::fragment(reload_message(i, 3000), room)[0], start));
  CHECK(r.held_bytes() == transport::reassembler::messages_max * cost_of(transport::fragment(reload_message(1, 3000), room)[0]));
  CHECK(feed(r, {transport::fragment(reload_message(999, 3000), room)[1], transport::fragment(reload_message(999, 3000), room)[2]}) ==
        reload_message(999, 3000));
  transport::reassembler small(2000);
  CHECK(small.add(transport::fragment(reload_message(1, 3000), room).back(), start).error() == transport::errc::too_large);
}

TEST_CASE("a message that alone takes more than a link may hold is given up, and the link goes on") {
  transport::reassembler r(2 * transport::reassembler::bytes_max);
  core::result<std::optional<core::bytes>> last = std::nullopt;
  for (std::size_t at = 0; last && at < transport::reassembler::bytes_max; at += 1000) last = r.add(piece_of(1, at, 1000), start);
  REQUIRE_FALSE(last);
  CHECK(last.error() == transport::errc::overloaded);
  CHECK(r.held_bytes() == 0);
  CHECK(feed(r, transport::fragment(reload_message(2, 3000), room)) == reload_message(2, 3000));
}

TEST_CASE("a piece of less than 256 bytes is none, unless it is the last") {
  transport::reassembler r(65536);
  CHECK(r.add(piece_of(1, 0, 255), start).error() == transport::errc::malformed);
  CHECK(r.held_bytes() == 0);
  REQUIRE(r.add(piece_of(1, 0, 256), start));
  auto last = piece_of(1, 256, 1);
  last[12] |= 0x40;
  CHECK(feed(r, {last})->size() == header + 257);
}

TEST_CASE("lists of a fragment are bounded") {
  transport::reassembler r(65536);
  CHECK(r.add(piece_of(1, 0, 300, transport::reassembler::lists_max + 1), start).error() == transport::errc::too_large);
  CHECK(r.held_bytes() == 0);
  CHECK(r.add(piece_of(1, 0, 300, transport::reassembler::lists_max), start));
}

TEST_CASE("what a message in pieces costs is counted: headers, and what keeping the pieces takes") {
  using transport::reassembler;
  reassembler r(65536);
  for (std::uint64_t i = 0; i < reassembler::messages_max; ++i) {
    REQUIRE(r.add(piece_of(i, 0, 256, reassembler::lists_max), start));
    REQUIRE(r.add(piece_of(i, 256, 256, reassembler::lists_max), start));
  }
  const auto message = reassembler::message_overhead + header + reassembler::lists_max + 2 * (256 + reassembler::piece_overhead);
  CHECK(r.held_bytes() == reassembler::messages_max * message);
}

TEST_CASE("the links of a host share a limit: whoever holds the most gives its oldest message up, and others lose none") {
  transport::reassembly_pool pool(8000);
  transport::reassembler greedy(65536, &pool);
  transport::reassembler modest(65536, &pool);
  const auto first = transport::fragment(reload_message(1, 3000), room);
  REQUIRE(modest.add(first[0], start));
  const auto held = modest.held_bytes();
  std::uint64_t i = 2;
  for (; pool.has_room(held); ++i) REQUIRE(greedy.add(transport::fragment(reload_message(i, 3000), room)[0], start + 1s));
  // The greedy one gets more room at its own cost only.
  REQUIRE(greedy.add(transport::fragment(reload_message(i, 3000), room)[0], start + 1s));
  CHECK(pool.given_up() == 0);
  CHECK(modest.held_bytes() == held);
  // The modest one gets it, and its message becomes whole.
  while (pool.has_room(held - 400)) REQUIRE(greedy.add(transport::fragment(reload_message(++i, 600, 700), room)[0], start + 1s));
  REQUIRE(modest.add(first[1], start + 2s));
  CHECK(pool.given_up() > 0);
  CHECK(feed(modest, {first[2]}) == reload_message(1, 3000));
  CHECK(modest.held_bytes() == 0);
  CHECK(pool.held_bytes() == greedy.held_bytes());
  CHECK(pool.held_bytes() <= 8000);
}

TEST_CASE("what is too old on a silent link makes room for others, and a link that ends gives all back") {
  transport::reassembly_pool pool(4000);
  std::optional<transport::reassembler> silent;
  silent.emplace(65536, &pool);
  transport::reassembler other(65536, &pool);
  const auto old = transport::fragment(reload_message(1, 3000), room);
  const auto fresh = transport::fragment(reload_message(2, 3000), room);
  REQUIRE(silent->add(old[0], start));
  REQUIRE(silent->add(old[1], start));
  CHECK_FALSE(pool.has_room(2 * cost_of(fresh[0]) - transport::reassembler::message_overhead - header));
  REQUIRE(other.add(fresh[0], start + transport::reassembler::patience));
  REQUIRE(other.add(fresh[1], start + transport::reassembler::patience));
  CHECK(silent->held_bytes() == 0);
  CHECK(pool.given_up() == 0);
  REQUIRE(silent->add(transport::fragment(reload_message(3, 1500), room)[0], start + transport::reassembler::patience));
  silent.reset();
  CHECK(pool.held_bytes() == other.held_bytes());
}

TEST_CASE("room is made in constant time, however many links hold pieces") {
  transport::reassembly_pool pool(1024 * 1024);
  std::vector<std::unique_ptr<transport::reassembler>> links;
  for (int i = 0; i < 2000; ++i) links.push_back(std::make_unique<transport::reassembler>(65536, &pool));
  std::uint64_t number = 0;
  for (int round = 0; round < 20; ++round) {
    for (auto& l : links) REQUIRE(l->add(transport::fragment(reload_message(++number, 3000), room)[0], start));
  }
  CHECK(pool.held_bytes() <= 1024 * 1024);
  CHECK(pool.given_up() > 0);
}

}  // namespace fragmentation_test
