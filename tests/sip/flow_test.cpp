#include "sip/flow.hpp"

#include <doctest.h>

#include "token_fixture.hpp"

namespace flow_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

TEST_CASE("flows are the same by connection, or for UDP by address") {
  CHECK(flow_of(from("192.0.2.1:5060")).same_as(flow_of(from("192.0.2.1:5060"))));
  CHECK_FALSE(flow_of(from("192.0.2.1:5060")).same_as(flow_of(from("192.0.2.1:5061"))));
  CHECK(flow_of(from("192.0.2.1:5060", protocol::tcp, 4)).same_as(flow_of(from("192.0.2.1:9", protocol::tcp, 4))));
  CHECK_FALSE(flow_of(from("192.0.2.1:5060", protocol::tcp, 4)).same_as(flow_of(from("192.0.2.1:5060", protocol::tcp, 5))));
}

TEST_CASE("two flows of different transports are never the same") {
  CHECK_FALSE(flow_of(from("192.0.2.1:5060", protocol::tcp, 4)).same_as(flow_of(from("192.0.2.1:5060", protocol::tls, 4))));
  CHECK_FALSE(flow_of(from("192.0.2.1:5060")).same_as(flow_of(from("192.0.2.1:5060", protocol::tcp, 4))));
}

TEST_CASE("what is sent to a flow goes over it and no other") {
  const auto d = to_flow(flow_of(from("192.0.2.1:5060", protocol::wss, 4)));
  CHECK(d.by == protocol::wss);
  CHECK(d.at.text() == "192.0.2.1:5060");
  CHECK(d.flow == flow_id{4});
  CHECK(d.flow_only);
  CHECK_FALSE(d.node.has_value());
}

}  // namespace flow_test
