#include "settings/sip_options.hpp"

#include <doctest.h>

namespace sip_options_test {

using namespace phyllo;

namespace {

identity::node_id self() {
  identity::node_id id;
  id.octets.fill(3);
  return id;
}

}  // namespace

TEST_CASE("the SIP service takes what is its own of the configuration, and every port, for SIP is spoken at each") {
  node::configuration c;
  c.node.domains = {"example.com"};
  c.node.advertised_address = "192.0.2.1";
  c.sip.registration.contacts_max = 7;
  c.ports = {1, 2, 3, 4, 5, 6};  // reload, sip, sips, stun, https, http
  const auto o = node::sip_options_of(c, {"pem"}, self());
  CHECK(o.domains == std::vector<std::string>{"example.com"});
  CHECK(o.anchors_pem == std::vector<std::string>{"pem"});
  CHECK(o.advertised_address == "192.0.2.1");
  CHECK(o.registration.contacts_max == 7);
  CHECK(o.ports.sip == 2);
  CHECK(o.ports.sips == 3);
  CHECK(o.ports.http == 6);
  CHECK(o.self == self());
}

TEST_CASE("the proxy is where others dial, or where the node binds if nothing else is said") {
  node::configuration c;
  c.node.address = "10.0.0.1";
  CHECK(node::proxy_place_of(c, self()).address == "10.0.0.1");
  c.node.advertised_address = "192.0.2.1";
  CHECK(node::proxy_place_of(c, self()).address == "192.0.2.1");
  CHECK(node::proxy_place_of(c, self()).node == self());
}

}  // namespace sip_options_test
