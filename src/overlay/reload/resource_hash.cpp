#include "phyllo/overlay/resource_hash.hpp"

#include <algorithm>

#include "phyllo/identity/digest.hpp"

namespace phyllo::overlay {

identity::node_id hash_to_resource(resource_hash h, core::byte_view name) {
  if (h == resource_hash::sha256) return identity::ring_hash(name);
  const auto digest = identity::sha1(name);
  identity::node_id id;
  std::copy_n(digest.begin(), identity::node_id::size, id.octets.begin());  // "the most significant 128 bits" (s.10.2)
  return id;
}

}  // namespace phyllo::overlay
