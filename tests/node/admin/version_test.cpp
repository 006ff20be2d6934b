#include "phyllo/node/version.hpp"

#include <doctest.h>

#include <string_view>

namespace version_test {

TEST_CASE("what the commands print for a version is the version that is built") {
  CHECK(std::string_view(phyllo::node::version) == PHYLLO_VERSION);
}

}  // namespace version_test
