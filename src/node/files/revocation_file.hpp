// The revocation list between two starts: DATA/revocations.
#pragma once

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// Into force, checked as one that comes by the overlay: signed by a configuration-signer of `document`. No file is no error. disk's io, and
// identity's errors for one that is not believed: the node takes the list from others then.
[[nodiscard]] core::status load_revocations(const configuration& c, const identity::configuration& document, identity::trust& trust,
                                            core::wall_time now);
// As text from elsewhere (a bootstrap server).
[[nodiscard]] core::status take_revocations(core::byte_view encoded, const identity::configuration& document, identity::trust& trust,
                                            core::wall_time now);
// A list that is whole; nothing is written otherwise.
[[nodiscard]] core::status save_revocations(const configuration& c, const identity::revocation_list& list);

}  // namespace phyllo::node
