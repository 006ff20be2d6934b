#include "turn/channel_table.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace channel_table_test {

using namespace turn_bench;
using binding = nat::channel_table::binding;

TEST_CASE("a number stands for one peer and a peer for one number, for ten minutes") {
  const core::time_point now{1h};
  nat::channel_table t(2, {1, 2});
  const auto a = at("8.8.8.8:1");
  const auto b = at("8.8.8.8:2");
  CHECK(t.bind(0x4000, a, now) == binding::done);
  CHECK(t.bind(0x4000, b, now) == binding::taken);
  CHECK(t.bind(0x4001, a, now) == binding::taken);
  CHECK(t.bind(0x4001, b, now) == binding::done);
  CHECK(t.bind(0x4002, at("8.8.8.8:3"), now) == binding::full);
  CHECK(t.may_bind(0x4000, a, now) == binding::done);
  CHECK(*t.peer_of(0x4000, now + 599s) == a);
  CHECK(t.peer_of(0x4000, now + 600s) == nullptr);
  CHECK(t.number_of(b, now) == 0x4001);
  CHECK(t.number_of(b, now + 600s) == std::nullopt);
  CHECK(t.bind(0x4002, a, now + 600s) == binding::done);
  CHECK(t.size() == 1);
}

}  // namespace channel_table_test
