// Who may ask a node for diagnosis, and for what of it (RFC 7851 s.4.3, s.5, s.7).
//
// Deviation: a diagnostic Kind that the document does not name is told to every node of the overlay (s.7 has the document name them all).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/identity/configuration.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

using diagnostic_rights = std::vector<identity::diagnostic_access>;  // of a document

// The refusal of what `asker` asks, if there is one.
[[nodiscard]] std::optional<message_contents> judge_diagnosis(const diagnostics_request& d, const node_id& asker,
                                                              const diagnostic_rights& rights, core::wall_time now);

// All that `asker` may ask for: "asks for diagnostic information that they are not authorized to query" would be an error.
[[nodiscard]] std::uint64_t permitted_diagnostics(const node_id& asker, const diagnostic_rights& rights);

}  // namespace phyllo::overlay
