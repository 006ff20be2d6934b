#include "settings/peer_options.hpp"

#include <doctest.h>

namespace peer_options_test {

using namespace phyllo;

TEST_CASE("a peer does as the configuration says") {
  node::configuration c;
  c.overlay.leaf_set = 16;
  c.overlay.replicas = 3;
  const auto o = node::peer_options_of(c, true);
  CHECK(o.leaf_set == 16);
  CHECK(o.replicas == 3);
  CHECK(o.first);
  CHECK(o.publish_certificate);
  CHECK_FALSE(o.client);
  CHECK_FALSE(node::peer_options_of(c, false).first);
}

TEST_CASE("an ordinary node is a client") {
  node::configuration c;
  c.node.role = "ordinary";
  CHECK(node::peer_options_of(c, false).client);
}

}  // namespace peer_options_test
