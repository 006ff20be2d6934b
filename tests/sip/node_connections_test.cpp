#include "sip/node_connections.hpp"

#include <doctest.h>

namespace node_connections_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

identity::node_id node(std::uint8_t n) {
  identity::node_id id;
  id.octets.fill(n);
  return id;
}

}  // namespace

TEST_CASE("the connection that was there first carries the requests to a node, and the next one when it has gone") {
  node_connections c;
  CHECK_FALSE(c.find(node(1)));
  CHECK_FALSE(c.add(node(1), flow_id{10}));
  CHECK_FALSE(c.add(node(1), flow_id{11}));
  CHECK(c.find(node(1)) == flow_id{10});
  CHECK_FALSE(c.find(node(2)));
  c.remove(node(1), flow_id{10});
  CHECK(c.find(node(1)) == flow_id{11});
  c.remove(node(1), flow_id{11});
  c.remove(node(1), flow_id{11});
  CHECK_FALSE(c.find(node(1)));
  CHECK(c.size() == 0);
}

TEST_CASE("a node that opens more than a few makes its oldest go") {
  node_connections c;
  for (std::uint64_t i = 1; i <= node_connections::of_one_node_max; ++i) CHECK_FALSE(c.add(node(1), flow_id{i}));
  CHECK(c.add(node(1), flow_id{99}) == flow_id{1});
  CHECK(c.find(node(1)) == flow_id{2});
  CHECK(c.size() == node_connections::of_one_node_max);
}

}  // namespace node_connections_test
