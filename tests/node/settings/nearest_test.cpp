#include "phyllo/node/nearest.hpp"

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

TEST_CASE("of keys the last word counts most") {
  const std::vector<std::string> keys{"overlay.leaf_set", "sip.enabled", "sip.peers"};
  CHECK(node::nearest_key("sip.leafset", keys) == "overlay.leaf_set");
  CHECK(node::nearest_key("sip.enable", keys) == "sip.enabled");
  CHECK(node::nearest_key("x", {}) == "");
}

}  // namespace nearest_test
