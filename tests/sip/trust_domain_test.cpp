#include "sip/trust_domain.hpp"

#include <doctest.h>

#include "token_fixture.hpp"

namespace trust_domain_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

const trust_domain trust({"192.0.2.7", "2001:db8::/32", "nonsense"}, {"example.com", "example.net"});

}  // namespace

TEST_CASE("a supernode is trusted that has authority for a domain of this node") {
  CHECK(trust.trusted_peer(from_node(2, {"example.com"})));
  CHECK(trust.trusted_peer(from_node(2, {"other.org", "example.net"})));
  CHECK_FALSE(trust.trusted_peer(from_node(2, {"other.org"})));
  CHECK_FALSE(trust.trusted_peer(from_node(2, {})));
}

TEST_CASE("a supernode without authority is not trusted for its address") {
  auto s = from_node(2, {});
  s.remote = at("192.0.2.7:5061");
  CHECK_FALSE(trust.trusted_peer(s));
}

TEST_CASE("a configured peer is one over TCP and TLS only: a datagram's source is what its sender writes") {
  CHECK(trust.trusted_peer(from("192.0.2.7:40000", protocol::tcp, 1)));
  CHECK(trust.trusted_peer(from("192.0.2.7:40000", protocol::tls, 1)));
  CHECK_FALSE(trust.trusted_peer(from("192.0.2.7:40000")));
  CHECK_FALSE(trust.trusted_peer(from("192.0.2.7:40000", protocol::wss, 1)));  // any page in a browser there
  CHECK_FALSE(trust.trusted_peer(from("192.0.2.8:40000", protocol::tcp, 1)));
  CHECK(trust.trusted_peer(from("[2001:db8:1::1]:1", protocol::tcp, 1)));
  CHECK_FALSE(trust.trusted_peer(from("[2001:db9::1]:1", protocol::tcp, 1)));
}

TEST_CASE("what goes to a node with authority stays within") {
  destination d;
  CHECK_FALSE(trust.trusted_peer(d));
  d.node = node(2);
  CHECK_FALSE(trust.trusted_peer(d));
  d.authority = true;
  CHECK(trust.trusted_peer(d));
  d.node.reset();
  CHECK_FALSE(trust.trusted_peer(d));
}

}  // namespace trust_domain_test
