#include <doctest.h>

#include "overlay/support/served_ring.hpp"
#include "phyllo/overlay/errc.hpp"
#include "phyllo/overlay/usages.hpp"

namespace usages_redir_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

// The provider that follows a key on the ring, around zero.
identity::node_id following(const identity::node_id& key, std::vector<identity::node_id> providers) {
  std::ranges::sort(providers);
  const auto at = std::ranges::lower_bound(providers, key);
  return at == providers.end() ? providers.front() : *at;
}

}  // namespace

TEST_CASE("ReDiR finds the provider that follows any key, around zero, too") {
  served_ring ring(12);
  std::vector<identity::node_id> providers;
  CHECK(ring.finish(ring.uses(0).find_provider("voice-mail", ring.random_key(), 8s)).error() == errc::not_found);
  for (std::size_t i = 0; i < 9; ++i) {
    const auto provided = ring.finish(ring.uses(i).provide("voice-mail", 600s, 30s));
    REQUIRE_MESSAGE(provided.has_value(), (provided ? std::string() : provided.error().message()));
    providers.push_back(ring.peers[i]->id());
    for (int k = 0; k < 6; ++k) {
      const auto key = ring.random_key();
      const auto found = ring.finish(ring.uses(11).find_provider("voice-mail", key, 20s));
      REQUIRE(found.has_value());
      CHECK(*found == following(key, providers));
    }
  }
  // Another service is another tree; and one that has left is not found.
  CHECK(ring.finish(ring.uses(0).find_provider("turn-server", ring.random_key(), 8s)).error() == errc::not_found);
  REQUIRE(ring.finish(ring.uses(4).withdraw("voice-mail", 30s)).has_value());
  const auto found = ring.finish(ring.uses(11).find_provider("voice-mail", ring.peers[4]->id(), 20s));
  REQUIRE(found.has_value());
  CHECK(*found != ring.peers[4]->id());
}

}  // namespace usages_redir_test
