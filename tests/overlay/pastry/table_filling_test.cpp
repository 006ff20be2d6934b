#include "pastry/table_filling.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace table_filling_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct noting_asker final : state_asker {
  void ask_for_state(const node_id& n) override { asked_for.push_back(n); }
  [[nodiscard]] bool asked(const node_id&) const override { return false; }
  [[nodiscard]] bool failed(const node_id& n) const override { return std::ranges::find(gone, n) != gone.end(); }
  std::vector<node_id> asked_for, gone;
};

// A node at 80. Its neighbours 85 and 86 share a digit with it, and stand in its second row.
struct scene : pastry_parts {
  ~scene() {
    messenger.stop();
    world.run(filling.stop());
    world.run(making.stop());
  }
  std::shared_ptr<noting_link> meet(std::uint8_t first, core::duration rtt) {
    auto l = neighbour(first);
    links.add(l, true, world.now());
    auto& r = ring.record(l->peer().node());
    r.peer = r.active = r.admitted = r.link.open = true;
    r.link.rtt = rtt;
    ring.enter(l->peer().node());
    return l;
  }
  // The rows that the node behind this link was asked for.
  [[nodiscard]] std::vector<unsigned> rows_asked(const noting_link& l) {
    wait();
    std::vector<unsigned> out;
    for (const auto& m : asked_of(l)) {
      if (m.code != code::route_query_req) continue;
      const auto q = route_query_request::decode(m.body);
      REQUIRE(q.has_value());
      CHECK(q->type == query_type::rows);
      CHECK(q->first_row == q->last_row);
      out.push_back(q->first_row);
    }
    return out;
  }
  // The rows that it was told.
  [[nodiscard]] std::vector<table_row> rows_told(const noting_link& l) {
    wait();
    std::vector<table_row> out;
    for (const auto& m : asked_of(l)) {
      if (m.code != code::update_req) continue;
      const auto u = update_request::decode(m.body);
      REQUIRE(u.has_value());
      CHECK(u->type == update_type::rows);
      out.insert(out.end(), u->rows.begin(), u->rows.end());
    }
    return out;
  }

  noting_asker asker;
  table_filling filling{{world.env(), ring, links, making, messenger, failed.lost(), metrics}, false, asker};
};

}  // namespace

TEST_CASE("rows are told with the places where their nodes were heard") {
  scene s;
  const auto n = s.suspect->peer().node();
  const places at{{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), 5}}};
  s.ring.table.insert(n, 1ms);
  const auto [row, column] = s.ring.table.slot_of(n);
  s.ring.learn_places(n, at);
  CHECK(s.filling.my_rows(row, row).at(0).named.of(0).empty());
  s.ring.hear_at(n, at.front().at.address);
  const auto rows = s.filling.my_rows(row, row);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].entries == s.ring.table.row(row));
  CHECK(rows[0].named.of(0) == at);
  CHECK(s.filling.my_rows(row + 1, 31).empty());
}

TEST_CASE("of a row that has changed the nearest two are told it and asked for theirs, once") {
  scene s;
  const auto far = s.meet(0x10, 30ms);
  const auto near = s.meet(0x20, 10ms);
  const auto nearer = s.meet(0x30, 5ms);
  s.filling.compare_rows();
  CHECK(s.rows_asked(*near) == std::vector<unsigned>{0});
  CHECK(s.rows_asked(*nearer) == std::vector<unsigned>{0});
  CHECK(s.rows_asked(*far).empty());
  const auto told = s.rows_told(*nearer);
  REQUIRE(told.size() == 1);
  CHECK(told[0].row == 0);
  CHECK(told[0].entries.size() == 3);
  s.filling.compare_rows();
  CHECK(s.rows_asked(*near).size() == 1);
  const auto newcomer = s.meet(0x40, 1ms);
  s.filling.compare_rows();
  CHECK(s.rows_asked(*newcomer) == std::vector<unsigned>{0});
  CHECK(s.rows_asked(*near).size() == 1);
}

TEST_CASE("an entry that is lost gives way to a node of its slot that is linked") {
  scene s;
  const auto first = s.meet(0x10, 1ms);
  const auto second = s.meet(0x11, 30ms);  // of the same slot, and farther
  const auto lost = first->peer().node();
  REQUIRE(s.ring.table.contains(lost));
  s.ring.record(lost).link.open = false;
  s.ring.remove(lost);
  s.filling.repair_slot(lost);
  CHECK(s.ring.table.contains(second->peer().node()));
  s.filling.repair_rows();
  CHECK(s.rows_asked(*second).empty());
}

TEST_CASE("where nobody fits a row mate is asked, once for all that the row lacks") {
  scene s;
  const auto first = s.meet(0x10, 1ms);
  const auto second = s.meet(0x20, 1ms);
  const auto mate = s.meet(0x30, 1ms);
  for (const auto& l : {first, second}) {
    const auto lost = l->peer().node();
    s.ring.record(lost).link.open = false;
    s.ring.remove(lost);
    s.filling.repair_slot(lost);
  }
  CHECK(s.rows_asked(*mate).empty());
  s.filling.repair_rows();
  CHECK(s.rows_asked(*mate) == std::vector<unsigned>{0});
  s.filling.repair_rows();
  CHECK(s.rows_asked(*mate).size() == 1);
}

TEST_CASE("of each row somebody is asked when rows are exchanged") {
  scene s;
  const auto mate = s.meet(0x30, 1ms);
  s.filling.exchange_rows();
  CHECK(s.rows_asked(*mate) == std::vector<unsigned>{0});
  CHECK(s.rows_asked(*s.well).size() + s.rows_asked(*s.suspect).size() == 1);
}

TEST_CASE("who is named and is linked already enters the table; this node, and who has failed, do not") {
  scene s;
  const auto linked = s.meet(0x10, 2ms);
  const auto n = linked->peer().node();
  s.ring.table.erase(n);
  s.asker.gone = {id(0x20)};
  table_row row;
  row.entries = {n, id(0x20), s.ring.self()};
  row.rtts = {1000, 1000, 1000};
  s.filling.consider(s.well->peer().node(), {row});
  s.wait();
  CHECK(s.ring.table.contains(n));
  CHECK_FALSE(s.ring.table.contains(id(0x20)));
  CHECK(s.asker.asked_for.empty());
}

TEST_CASE("a node that is not active yet makes no links, but remembers who was named") {
  scene s;
  const auto linked = s.meet(0x10, 2ms);
  const auto n = linked->peer().node();
  s.ring.table.erase(n);
  s.ring.active = false;
  table_row row;
  row.entries = {n};
  row.rtts = {1000};
  s.filling.consider(s.well->peer().node(), {row});
  s.wait();
  CHECK_FALSE(s.ring.table.contains(n));
  s.ring.active = true;
  s.filling.fill();
  s.wait();
  CHECK(s.ring.table.contains(n));
}

}  // namespace table_filling_test
