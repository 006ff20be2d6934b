#include "reload/link_table.hpp"

#include <doctest.h>

#include <algorithm>

#include "support/node_ids.hpp"
#include "support/still_link.hpp"

namespace link_table_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::id;
using testing::still_link;

namespace {

const core::time_point start{1h};

std::shared_ptr<still_link> link_to(std::uint8_t n) { return std::make_shared<still_link>(id(n)); }

}  // namespace

TEST_CASE("a node is reached by its open link, and by none once that has closed or is removed") {
  link_table t(id(1));
  CHECK(t.to(id(2)) == nullptr);
  const auto l = link_to(2);
  t.add(l, true, start);
  CHECK(t.to(id(2)) == l.get());
  CHECK(t.to(id(3)) == nullptr);
  CHECK(t.share(*l) == l);
  l->is_open = false;
  CHECK(t.to(id(2)) == nullptr);
  CHECK(t.nodes() == 1);
  const auto gone = t.remove(*l);
  CHECK(gone.link == l);
  CHECK(gone.last);
  CHECK(t.nodes() == 0);
  CHECK(t.share(*l) == nullptr);
  CHECK(t.remove(*l).link == nullptr);
}

TEST_CASE("of two links that two nodes have dialled at once both ends prefer the same") {
  for (const bool lower_was_first : {false, true}) {
    link_table lower(id(1));
    link_table higher(id(2));
    const auto by_lower = link_to(2), by_higher = link_to(2);              // ends at the lower node
    const auto by_lower_there = link_to(1), by_higher_there = link_to(1);  // ends at the higher
    lower.add(by_lower, true, start + (lower_was_first ? 0s : 1s));
    lower.add(by_higher, false, start + (lower_was_first ? 1s : 0s));
    higher.add(by_lower_there, false, start + (lower_was_first ? 0s : 1s));
    higher.add(by_higher_there, true, start + (lower_was_first ? 1s : 0s));
    CHECK(lower.to(id(2)) == by_lower.get());
    CHECK(higher.to(id(1)) == by_lower_there.get());
  }
}

TEST_CASE("of two links of one dialler the newer is preferred, and an open one before any that has closed") {
  link_table t(id(1));
  const auto older = link_to(2), newer = link_to(2);
  t.add(newer, true, start + 1s);
  t.add(older, true, start);
  CHECK(t.to(id(2)) == newer.get());
  newer->is_open = false;
  CHECK(t.to(id(2)) == older.get());
  const auto gone = t.remove(*newer);
  CHECK(gone.link == newer);
  CHECK_FALSE(gone.last);
  CHECK(t.remove(*older).last);
}

TEST_CASE("a link beside a preferred one is too many once both are ten seconds old") {
  link_table t(id(1));
  const auto preferred = link_to(2), other = link_to(2), alone = link_to(3);
  t.add(preferred, true, start + 1s);
  t.add(other, false, start);
  t.add(alone, false, start);
  CHECK(t.excess(start + 1s + link_table::excess_after - 1ns).empty());
  CHECK(t.excess(start + 1s + link_table::excess_after) == std::vector<std::shared_ptr<transport::link>>{other});
  t.remove(*other);
  CHECK(t.excess(start + 1h).empty());
}

TEST_CASE("each node is told once, and its links all") {
  link_table t(id(1));
  const auto first = link_to(2), second = link_to(2), third = link_to(3);
  for (const auto& l : {first, second, third}) t.add(l, true, start);
  CHECK(t.nodes() == 2);
  auto peers = t.peers();
  std::ranges::sort(peers);
  CHECK(peers == std::vector{id(2), id(3)});
  CHECK(t.of(id(2)).size() == 2);
  CHECK(t.of(id(3)) == std::vector<std::shared_ptr<transport::link>>{third});
  CHECK(t.of(id(4)).empty());
  CHECK(t.all().size() == 3);
}

TEST_CASE("one link may bring so many messages at once, and so many a second; who has none may bring nothing") {
  link_table t(id(1));
  const auto flooding = link_to(2), calm = link_to(3), stranger = link_to(4);
  t.add(flooding, true, start);
  t.add(calm, true, start);
  unsigned taken = 0;
  while (t.take_token(*flooding, start)) ++taken;  // ends with the burst
  CHECK(taken == 20'000);
  CHECK(t.take_token(*flooding, start + 1ms));
  CHECK(t.take_token(*calm, start));
  CHECK_FALSE(t.take_token(*stranger, start));
}

}  // namespace link_table_test
