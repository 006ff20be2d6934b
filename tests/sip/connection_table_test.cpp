#include "sip/connection_table.hpp"

#include <doctest.h>

namespace connection_table_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

reuse_key tcp_to(const char* at, const char* name = "") { return {protocol::tcp, transport::endpoint::parse(at).value(), name}; }

identity::node_id node(std::uint8_t n) {
  identity::node_id id;
  id.octets.fill(n);
  return id;
}

connection_table::connection_ptr connection(connection_table& t, reuse_key key) {
  auto c = std::make_shared<stream_connection>();
  c->id = t.next_flow();
  c->key = std::move(key);
  return c;
}

connection_table::connection_ptr connection_of(connection_table& t, std::uint8_t n) {
  auto c = connection(t, {protocol::tls, transport::endpoint::parse("192.0.2.2:5061").value(), ""});
  c->node = node(n);
  return c;
}

}  // namespace

TEST_CASE("flows are named from where the table was told to begin, each name once") {
  connection_table t(41, {1, 2});
  CHECK(t.next_flow() == flow_id{42});
  CHECK(t.next_flow() == flow_id{43});
}

TEST_CASE("a connection is used again for the same protocol, end and name, and for no other") {
  connection_table t(0, {1, 2});
  const auto c = connection(t, tcp_to("198.51.100.7:5060", "example.com"));
  CHECK(t.add(c) == nullptr);
  CHECK(t.find(c->id) == c.get());
  CHECK(t.find(tcp_to("198.51.100.7:5060", "example.com")) == c.get());
  CHECK(t.find(tcp_to("198.51.100.7:5060")) == nullptr);
  CHECK(t.find(tcp_to("198.51.100.7:5061", "example.com")) == nullptr);
  CHECK(t.of_others() == 1);
}

TEST_CASE("the newest connection to an end is the one that is used, also when an older one ends") {
  connection_table t(0, {1, 2});
  const auto older = connection(t, tcp_to("198.51.100.7:5060"));
  const auto newer = connection(t, tcp_to("198.51.100.7:5060"));
  t.add(older);
  t.add(newer);
  t.remove(*older);
  CHECK(t.find(tcp_to("198.51.100.7:5060")) == newer.get());
  t.remove(*newer);
  CHECK(t.find(tcp_to("198.51.100.7:5060")) == nullptr);
  CHECK(t.of_others() == 0);
}

TEST_CASE("a supernode's connection is found by its node alone, and takes no room of others") {
  connection_table t(0, {1, 2});
  const auto c = connection_of(t, 2);
  CHECK(t.add(c) == nullptr);
  CHECK(t.find(node(2)) == c.get());
  CHECK(t.find(node(3)) == nullptr);
  CHECK(t.find(c->key) == nullptr);
  CHECK(t.of_nodes() == 1);
  CHECK(t.of_others() == 0);
  t.remove(*c);
  CHECK(t.find(node(2)) == nullptr);
  CHECK(t.of_nodes() == 0);
}

TEST_CASE("of one node's connections the oldest has to make room") {
  connection_table t(0, {1, 2});
  const auto oldest = connection_of(t, 2);
  t.add(oldest);
  for (std::size_t i = 1; i < node_connections::of_one_node_max; ++i) CHECK(t.add(connection_of(t, 2)) == nullptr);
  CHECK(t.add(connection_of(t, 2)) == oldest.get());
}

}  // namespace connection_table_test
