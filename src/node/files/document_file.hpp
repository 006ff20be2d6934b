// The configuration document between two starts, and the anchor that the node is pinned to: DATA/document.xml has the last document that
// was adopted, DATA/anchor whose overlay it is. What a bootstrap server says at a start is judged by both, as an update is while the node
// runs (enrollment.md, "Anchors").
#pragma once

#include <optional>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// The adopted one, as long as it is valid and of this overlay and anchor.
[[nodiscard]] std::optional<identity::parsed_configuration> kept_document(const configuration& c, core::wall_time now);
// Of one that has been adopted.
[[nodiscard]] core::status keep_document(const configuration& c, const identity::parsed_configuration& document);

// Whether a document that is valid by itself may be adopted at a start: it is the kept one or its successor; where none is kept, the pinned
// anchor's, and no older than what was adopted before; a node that has neither takes what it is given (and pins it then). errc::refused,
// with what to do; identity's older_document.
[[nodiscard]] core::status may_adopt(const configuration& c, const identity::parsed_configuration& document, core::wall_time now);

// A certificate of the node that is revoked, or of an anchor that is no more: it goes, and the node enrols anew.
void forget_useless_credential(const configuration& c, const identity::trust& trust, core::wall_time now);

}  // namespace phyllo::node
