#include "storage.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"
#include "support/storage_ring.hpp"

using namespace phyllo;
using namespace std::chrono_literals;
using testing::storage_ring;

TEST_CASE("what one node adds every node gets") {
  storage_ring ring(8);
  const auto added = ring.add(0, "data:alice@example.com", "hello");
  REQUIRE(added.has_value());
  CHECK(added->acknowledged >= 3);
  CHECK(added->replicas.size() == 4);
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const auto got = ring.get(i, "data:alice@example.com");
    REQUIRE(got.has_value());
    REQUIRE(got->values.size() == 1);
    CHECK(got->values[0].content.value == "hello");
    CHECK(got->values[0].signer == "user0@example.com");
    CHECK(got->took < 1s);
  }
}
