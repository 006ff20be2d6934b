// The configuration document between two starts, and the anchor that the node is pinned to: DATA/document.xml has the last document that
// was adopted, DATA/anchor whose overlay it is. What a bootstrap server says at a start is judged by both, as an update is while the node
// runs (enrollment.md, "Anchors").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// "sha256:" and 64 hex digits, of a root-cert's DER.
[[nodiscard]] std::string anchor_fingerprint(core::byte_view root_certificate);
[[nodiscard]] std::vector<std::string> anchor_fingerprints(const identity::configuration& document);
// In that form, or with colons and in any case, as openssl prints it; nothing: it is none.
[[nodiscard]] std::optional<std::string> read_fingerprint(std::string_view text);

struct pinned_anchor {
  std::vector<std::string> fingerprints;  // of all root-certs of the document that was adopted last
  std::uint16_t sequence = 0;             // of it
};
// Nothing: the node has never adopted a document, nor is bootstrap.ca_fingerprint set. disk's io; errc::configuration when both are there
// and differ.
[[nodiscard]] core::result<std::optional<pinned_anchor>> load_anchor(const configuration& c);
[[nodiscard]] core::status save_anchor(const configuration& c, const pinned_anchor& a);

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

// The operator's word: from the next start on the node takes the overlay of this anchor. What belongs to the former one goes. disk's io.
[[nodiscard]] core::status replace_anchor(const configuration& c, const std::string& fingerprint);

}  // namespace phyllo::node
