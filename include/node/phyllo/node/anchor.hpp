// The certificate authority that the node is pinned to: DATA/anchor says whose overlay it is (enrollment.md, "Anchors").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

[[nodiscard]] std::string anchor_file(const configuration& c);

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

// The operator's word: from the next start on the node takes the overlay of this anchor. What belongs to the former one goes. disk's io.
[[nodiscard]] core::status replace_anchor(const configuration& c, const std::string& fingerprint);

}  // namespace phyllo::node
