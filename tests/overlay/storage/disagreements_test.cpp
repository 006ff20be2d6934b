#include "storage/disagreements.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace disagreements_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::id;

namespace {

constexpr core::time_point start{1h};
const overlay::arc low{id(0x10), id(0x4f)}, high{id(0x50), id(0x8f)};

}  // namespace

TEST_CASE("a partner is waited for ten seconds from its first disagreement about an arc") {
  overlay::disagreements d;
  CHECK_FALSE(d.lasting(id(1), low, start));
  d.begin(id(1), low, start);
  d.begin(id(1), low, start + 5s);
  CHECK_FALSE(d.lasting(id(1), low, start + 9999ms));
  CHECK(d.lasting(id(1), low, start + 10s));
  CHECK_FALSE(d.lasting(id(1), high, start + 10s));
  CHECK_FALSE(d.lasting(id(2), low, start + 10s));
}

TEST_CASE("who has agreed begins anew, and so do all once nothing is to be compared") {
  overlay::disagreements d;
  d.begin(id(1), low, start);
  d.begin(id(1), high, start);
  d.end(id(1), low);
  d.begin(id(1), low, start + 8s);
  CHECK_FALSE(d.lasting(id(1), low, start + 10s));
  CHECK(d.lasting(id(1), high, start + 10s));
  d.clear();
  CHECK_FALSE(d.lasting(id(1), high, start + 10s));
}

TEST_CASE("who is in no set any more is forgotten") {
  overlay::disagreements d;
  d.begin(id(1), low, start);
  d.begin(id(2), low, start);
  const std::vector<overlay::member> known{{.node = id(1), .incarnation = 1, .active = true, .suspect = false}};
  d.forget_strangers(overlay::replica_sets(id(1), known, 32, 5));
  CHECK(d.lasting(id(1), low, start + 10s));
  CHECK_FALSE(d.lasting(id(2), low, start + 10s));
}

}  // namespace disagreements_test
