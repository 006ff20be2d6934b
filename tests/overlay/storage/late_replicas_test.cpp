#include "storage/late_replicas.hpp"

#include <doctest.h>

namespace late_replicas_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::late_replicas;
using overlay::resource_id;

namespace {

identity::node_id node(std::uint8_t n) {
  identity::node_id out;
  out.octets.fill(n);
  return out;
}

core::time_point at(core::duration since_start) { return core::time_point{1h + since_start}; }

std::vector<resource_id> due(late_replicas& l, const identity::node_id& of, core::time_point now, std::size_t count = 100) {
  std::vector<resource_id> out;
  l.each_due(of, now, [&](const resource_id& r) {
    out.push_back(r);
    return out.size() < count;
  });
  return out;
}

}  // namespace

TEST_CASE("a replica that has not confirmed a write is late after two seconds, until it has") {
  late_replicas l;
  CHECK(l.empty());
  const auto round = l.sent({node(1), node(2)}, node(7), at(0s));
  CHECK_FALSE(l.empty());
  CHECK(l.resources(at(2s)).empty());
  CHECK(l.resources(at(2001ms)) == std::set{node(7)});
  l.confirmed(node(1), node(7), round);
  CHECK(l.resources(at(3s)) == std::set{node(7)});
  l.confirmed(node(2), node(7), round);
  CHECK(l.resources(at(3s)).empty());
  CHECK(due(l, node(1), at(10s)).empty());
}

TEST_CASE("who confirms an earlier write has not confirmed the latest") {
  late_replicas l;
  const auto first = l.sent({node(1)}, node(7), at(0s));
  const auto second = l.sent({node(1)}, node(7), at(1s));
  CHECK(first != second);
  l.confirmed(node(1), node(7), first);
  CHECK(l.resources(at(4s)).size() == 1);
  CHECK(l.resources(at(2500ms)).size() == 1);  // late since the first of them
  l.confirmed(node(1), node(7), second);
  CHECK(l.resources(at(4s)).empty());
  l.confirmed(node(2), node(7), second);  // was never asked
}

TEST_CASE("it is pushed to after one second, two, four, and then every forty-five") {
  late_replicas l;
  l.sent({node(1)}, node(7), at(0s));
  CHECK(due(l, node(1), at(999ms)).empty());
  std::vector<core::duration> times;
  for (auto t = core::duration(0s); t <= 200s; t += 1s) {
    if (!due(l, node(1), at(t)).empty()) times.push_back(t);
  }
  CHECK(times == std::vector<core::duration>{1s, 3s, 7s, 15s, 31s, 63s, 108s, 153s, 198s});
  l.given(node(1), node(7));
  CHECK(due(l, node(1), at(300s)).empty());
}

TEST_CASE("a push takes so many at once, and goes on with the others") {
  late_replicas l;
  for (std::uint8_t r = 1; r <= 5; ++r) l.sent({node(1)}, node(r), at(0s));
  CHECK(due(l, node(1), at(1s), 2) == std::vector{node(1), node(2)});
  CHECK(due(l, node(1), at(1s), 2) == std::vector{node(3), node(4)});
  CHECK(due(l, node(1), at(1s), 2) == std::vector{node(5)});
  CHECK(due(l, node(2), at(1s)).empty());
}

TEST_CASE("what a node is not to have any more is forgotten, and nobody is waited for when all is confirmed") {
  late_replicas l;
  l.sent({node(1), node(2)}, node(7), at(0s));
  const auto round = l.sent({node(2)}, node(8), at(0s));
  l.keep([](const auto& n, const auto& r) { return n == node(2) && r == node(8); });
  CHECK(l.nodes() == std::vector{node(2)});
  l.confirmed(node(2), node(8), round);
  CHECK_FALSE(l.empty());  // not looked at yet
  l.keep([](const auto&, const auto&) { return true; });
  CHECK(l.empty());
}

}  // namespace late_replicas_test
