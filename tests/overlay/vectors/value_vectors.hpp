// Records and other values, and what is reckoned over them: the state that a watch knows, digests, the arcs and views of a ring.
#pragma once

#include "phyllo/overlay/record.hpp"
#include "vectors/cast.hpp"
#include "vectors/describe.hpp"

namespace phyllo::testing {

// One value in its place.
struct placed_value {
  std::string what;
  overlay::resource_id resource;
  overlay::kind_id kind = 0;
  overlay::stored_data data;
};

// In the order in which storage keeps them.
[[nodiscard]] std::vector<placed_value> vector_values(const cast& c);

[[nodiscard]] json value_vectors(const cast& c);
[[nodiscard]] json watch_vectors(const cast& c);
[[nodiscard]] json digest_vectors(const cast& c);
[[nodiscard]] json ring_vectors();

}  // namespace phyllo::testing
