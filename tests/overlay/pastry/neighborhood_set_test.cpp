#include "pastry/neighborhood_set.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace neighborhood_set_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::id;

namespace {

std::vector<node_id> nodes_of(const neighborhood_set& s) {
  std::vector<node_id> out;
  for (const auto& e : s.entries()) out.push_back(e.node);
  return out;
}

}  // namespace

TEST_CASE("the nearest nodes are kept, nearest first, and of two that are as near the first that came") {
  neighborhood_set s(3);
  s.insert(id(1), 5ms);
  s.insert(id(2), 1ms);
  s.insert(id(3), 5ms);
  CHECK(nodes_of(s) == std::vector{id(2), id(1), id(3)});
  s.insert(id(4), 6ms);
  CHECK(nodes_of(s) == std::vector{id(2), id(1), id(3)});
  s.insert(id(5), 2ms);
  CHECK(nodes_of(s) == std::vector{id(2), id(5), id(1)});
}

TEST_CASE("a node stands there once, by its latest distance, until it is taken out") {
  neighborhood_set s(3);
  s.insert(id(1), 1ms);
  s.insert(id(2), 2ms);
  s.insert(id(1), 3ms);
  CHECK(nodes_of(s) == std::vector{id(2), id(1)});
  CHECK(s.entries().back().rtt == 3ms);
  s.erase(id(2));
  s.erase(id(9));
  CHECK(nodes_of(s) == std::vector{id(1)});
}

}  // namespace neighborhood_set_test
