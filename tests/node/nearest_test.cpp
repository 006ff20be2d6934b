#include "nearest.hpp"

#include <doctest.h>

namespace nearest_test {

using namespace phyllo;

TEST_CASE("the distance counts insertions, deletions and substitutions") {
  CHECK(node::edit_distance("", "") == 0);
  CHECK(node::edit_distance("", "abc") == 3);
  CHECK(node::edit_distance("kitten", "sitting") == 3);
  CHECK(node::edit_distance("leafset", "leaf_set") == 1);
}

TEST_CASE("the nearest word is the one with the fewest edits, the first of equals") {
  CHECK(node::nearest("overlay.nmae", {"node.address", "overlay.leaf_set", "overlay.name"}) == "overlay.name");
  CHECK(node::nearest("b", {"a", "c"}) == "a");
  CHECK(node::nearest("b", {}) == "");
}

}  // namespace nearest_test
