#include "storage/watch_table.hpp"

#include <doctest.h>

#include <optional>

#include "support/node_ids.hpp"

namespace watch_table_test {

using namespace phyllo;
using overlay::watch_table;
using testing::id;

namespace {

// Counts how often it is cancelled.
struct counting_alarm final : core::timer {
  void set(core::time_point) override {}
  void cancel() override { ++cancelled; }
  core::awaitable<bool> wait() override { co_return false; }
  unsigned cancelled = 0;
};

}  // namespace

TEST_CASE("a change wakes those who watch it, and no others; a change of the ring wakes all") {
  watch_table t({});
  counting_alarm a, b, c;
  const watch_table::place first(t, id(1), id(10), a), second(t, id(1), id(11), b), third(t, id(2), id(10), c);
  CHECK(t.size() == 3);
  t.changed(id(1));
  CHECK(a.cancelled == 1);
  CHECK(b.cancelled == 1);
  CHECK(c.cancelled == 0);
  t.changed(id(3));
  t.wake_all();
  CHECK(a.cancelled == 2);
  CHECK(c.cancelled == 1);
}

TEST_CASE("a watch that has ended is woken no more, and others of the same resource and watcher are") {
  watch_table t({});
  counting_alarm a, b;
  std::optional<watch_table::place> ended(std::in_place, t, id(1), id(10), a);
  const watch_table::place stays(t, id(1), id(10), b);
  ended.reset();
  CHECK(t.size() == 1);
  t.changed(id(1));
  CHECK(a.cancelled == 0);
  CHECK(b.cancelled == 1);
}

TEST_CASE("a watcher has so many watches at most, all together so many, and who ends one may have another") {
  watch_table t({.watches_max = 3, .watches_per_node_max = 2});
  counting_alarm a;
  std::optional<watch_table::place> first(std::in_place, t, id(1), id(10), a);
  const watch_table::place second(t, id(2), id(10), a);
  CHECK(first->held());
  CHECK(second.held());
  {
    const watch_table::place too_many(t, id(3), id(10), a);
    CHECK_FALSE(too_many.held());
  }
  CHECK(t.size() == 2);  // what had no place takes none away
  const watch_table::place others(t, id(1), id(11), a);
  CHECK(others.held());
  CHECK_FALSE(watch_table::place(t, id(1), id(12), a).held());
  first.reset();
  CHECK(watch_table::place(t, id(9), id(10), a).held());
}

}  // namespace watch_table_test
