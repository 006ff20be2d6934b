#include "phyllo/node/configuration.hpp"

#include <doctest.h>

namespace configuration_test {

using namespace phyllo;

TEST_CASE("a path is relative to the data directory unless it is absolute") {
  node::configuration c;
  c.node.data_directory = "/d";
  CHECK(c.in_data_directory("x/y") == "/d/x/y");
  CHECK(c.in_data_directory("/z") == "/z");
}

}  // namespace configuration_test
