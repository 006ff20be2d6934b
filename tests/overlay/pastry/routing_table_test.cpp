#include "pastry/routing_table.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace routing_table_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::at;

TEST_CASE("of two candidates for a slot the clearly nearer one stays") {
  routing_table t(at(0x8000), 4);
  CHECK(t.insert(at(0x1000), 10ms));
  CHECK_FALSE(t.insert(at(0x1100), 9ms));
  CHECK(t.insert(at(0x1200), 5ms));
  CHECK(t.towards(at(0x1fff))->node == at(0x1200));
  CHECK(t.towards(at(0x2000)) == nullptr);
  CHECK(t.slot_of(at(0x8100)) == routing_table::slot{1, 1});
  CHECK(t.rows(0, 255).size() == 1);
  CHECK(t.erase(at(0x1200)));
  CHECK_FALSE(t.contains(at(0x1200)));
}

TEST_CASE("a row tells how far its nodes are, and its nearest are asked first; a candidate must be nearer by a tenth") {
  routing_table t(at(0x8000), 4);
  CHECK(t.insert(at(0x1000), 30ms));
  CHECK(t.insert(at(0x2000), 10ms));
  CHECK(t.insert(at(0x3000), 20ms));
  CHECK(t.rows(0, 0) == std::vector<table_row>{{0, {at(0x1000), at(0x2000), at(0x3000)}, {30'000, 10'000, 20'000}, {}}});
  CHECK(t.nearest_of(0, 2) == std::vector{at(0x2000), at(0x3000)});
  CHECK(t.rows_used() == 1);
  CHECK_FALSE(t.would_take(at(0x1100), 27ms));
  CHECK(t.would_take(at(0x1100), 26ms));
  CHECK_FALSE(t.would_take(at(0x1100), 0ms));
  CHECK(t.would_take(at(0x4000), 0ms));
}

TEST_CASE("a row is known to have changed once, when another node has come into it") {
  routing_table t(at(0x8000), 4);
  CHECK_FALSE(t.take_changed(0));
  t.insert(at(0x1000), 20ms);
  CHECK(t.take_changed(0));
  CHECK_FALSE(t.take_changed(0));
  t.insert(at(0x1000), 15ms);
  t.insert(at(0x1800), 14ms);  // hardly nearer
  CHECK_FALSE(t.take_changed(0));
  t.insert(at(0x1900), 5ms);
  CHECK(t.take_changed(0));
  CHECK_FALSE(t.take_changed(1));
}

TEST_CASE("a node stands in the row of the digits that it shares with this one, and in the column of the next") {
  routing_table t(at(0x8000), 4);
  CHECK(t.slot_of(at(0x1234)) == routing_table::slot{0, 1});
  CHECK(t.slot_of(at(0x8f00)) == routing_table::slot{1, 0xf});
  CHECK(t.slot_of(at(0x8000, 1)) == routing_table::slot{31, 1});
  CHECK(t.slot_of(at(0x8000)).first == 32);
  CHECK_FALSE(t.insert(at(0x8000), 1ms));
  CHECK_FALSE(t.wants(at(0x8000)));
  CHECK_FALSE(t.would_take(at(0x8000), 1ms));
  CHECK(t.wants(at(0x1234)));
  CHECK(t.insert(at(0x1234), 1ms));
  CHECK_FALSE(t.wants(at(0x1fff)));
  CHECK(t.at(0, 1)->node == at(0x1234));
  CHECK(t.at(0, 2) == nullptr);
  CHECK(t.towards(at(0x1000))->node == at(0x1234));
}

TEST_CASE("rows are told from the first to the last that is asked for, in the order of their columns") {
  routing_table t(at(0x8000), 4);
  CHECK(t.rows_used() == 0);
  t.insert(at(0x8300), 2ms);
  t.insert(at(0x8100), 1ms);
  t.insert(at(0x7000), 3ms);
  t.insert(at(0x8010), 4ms);
  CHECK(t.rows_used() == 3);
  CHECK(t.row(1) == std::vector{at(0x8100), at(0x8300)});
  CHECK(t.row(3).empty());
  const auto told = t.rows(1, 2);
  REQUIRE(told.size() == 2);
  CHECK(told[0].row == 1);
  CHECK(told[0].entries == std::vector{at(0x8100), at(0x8300)});
  CHECK(told[0].rtts == std::vector<std::uint32_t>{1000, 2000});
  CHECK(told[1].entries == std::vector{at(0x8010)});
  CHECK(t.rows(3, 31).empty());
  CHECK(t.entries().size() == 4);
}

TEST_CASE("an entry is refreshed by its own node however far that is now, and taken out only by its own name") {
  routing_table t(at(0x8000), 4);
  t.insert(at(0x1000), 5ms);
  CHECK(t.insert(at(0x1000), 50ms));
  CHECK(t.at(0, 1)->rtt == 50ms);
  CHECK_FALSE(t.erase(at(0x1100)));
  CHECK(t.contains(at(0x1000)));
  CHECK_FALSE(t.contains(at(0x1100)));
  CHECK(t.erase(at(0x1000)));
  CHECK(t.wants(at(0x1100)));
}

}  // namespace routing_table_test
