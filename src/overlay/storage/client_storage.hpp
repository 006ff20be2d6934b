// The storage of an ordinary node (RFC 6940 s.4.2): it uses the overlay's records, holds none, and says so.
#pragma once

#include <memory>
#include <vector>

#include "storage/storage.hpp"

namespace phyllo::overlay {

// As storage::create.
[[nodiscard]] std::unique_ptr<storage> make_client_storage(core::environment& env, std::vector<kind> kinds,
                                                           std::shared_ptr<const identity::credential> self, const identity::trust& trust,
                                                           surroundings& ring, core::metrics& metrics);

}  // namespace phyllo::overlay
