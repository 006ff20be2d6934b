#include "sip/way_memory.hpp"

#include <doctest.h>

namespace way_memory_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};
constexpr core::hash_key key{1, 2};
using requests = std::vector<std::uint64_t>;

node_way node(std::uint8_t number) {
  node_way w;
  std::array<std::uint8_t, identity::node_id::size> octets{};
  octets[0] = number;
  w.id = identity::node_id::from_bytes(octets).value();
  return w;
}

transport::endpoint contact(std::uint16_t port) { return {asio::ip::make_address("192.0.2.1"), port}; }

}  // namespace

TEST_CASE("a node that says nothing is asked, and is dead when it does not answer") {
  way_memory m(key);
  m.sent(node(1), 7, start);
  m.sent(node(1), 9, start + 300ms);
  CHECK(m.next_time() == start + 500ms);
  CHECK(m.on_time(start + 499ms).ask.empty());
  const auto asked = m.on_time(start + 500ms);
  REQUIRE(asked.ask.size() == 1);
  CHECK(asked.ask.front().id == node(1).id);
  CHECK_FALSE(m.dead(node(1).id, start + 1s));
  CHECK(m.on_time(start + 1s).in_vain.empty());
  const auto over = m.on_time(start + 2s);
  CHECK(over.in_vain == requests{7, 9});
  CHECK(over.gone.size() == 1);
  CHECK(m.dead(node(1).id, start + 2s));
  CHECK_FALSE(m.dead(node(2).id, start + 2s));
  CHECK(m.next_time() == core::time_point::max());
}

TEST_CASE("whatever a node says shows that it lives, and what it owes to phones may take long") {
  way_memory m(key);
  m.sent(node(1), 7, start);
  m.heard(node(1).id);
  CHECK(m.on_time(start + 1h).ask.empty());
  m.sent(node(1), 8, start + 1h);
  (void)m.on_time(start + 1h + 500ms);
  m.heard(node(1).id);
  CHECK(m.on_time(start + 2h).in_vain.empty());
}

TEST_CASE("a dead node is tried again after a while, and at once when it has been heard") {
  way_memory m(key);
  m.sent(node(1), 7, start);
  (void)m.on_time(start + 500ms);
  (void)m.on_time(start + 2s);
  CHECK(m.dead(node(1).id, start + 2s + way_memory::dead_for - 1ms));
  CHECK_FALSE(m.dead(node(1).id, start + 2s + way_memory::dead_for));
  m.heard(node(1).id);
  CHECK_FALSE(m.dead(node(1).id, start + 3s));
}

TEST_CASE("nodes are watched each by itself") {
  way_memory m(key);
  m.sent(node(1), 1, start);
  m.sent(node(2), 2, start + 100ms);
  m.heard(node(1).id);
  (void)m.on_time(start + 600ms);
  CHECK(m.on_time(start + 2100ms).in_vain == requests{2});
}

TEST_CASE("what waits at one node is bounded") {
  way_memory m(key);
  for (std::uint64_t i = 0; i < way_memory::waiting_max + 10; ++i) m.sent(node(1), i, start);
  (void)m.on_time(start + 1s);
  CHECK(m.on_time(start + 3s).in_vain.size() == way_memory::waiting_max);
}

TEST_CASE("a contact that hears nothing straight is known for a while, and until it has answered") {
  way_memory m(key);
  m.silent(contact(5060), start);
  CHECK(m.deaf(contact(5060), start));
  CHECK_FALSE(m.deaf(contact(5062), start));
  CHECK_FALSE(m.deaf(contact(5060), start + way_memory::deaf_for));
  m.silent(contact(5060), start + 1h);
  m.answered(contact(5060));
  CHECK_FALSE(m.deaf(contact(5060), start + 1h));
}

}  // namespace way_memory_test
