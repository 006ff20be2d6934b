// What whoever runs an overlay owns: its certificate authority and the signer of its configuration document (RFC 6940 s.11.1). Both are
// made at the first start. (The domains' keys are kept with the accounts.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/configuration.hpp"

namespace phyllo::enrollment {

// What its operator says of an overlay.
struct authority_settings {
  std::string overlay;                              // instance name
  std::string directory;                            // where authority, signer and document are kept; made where there is none
  std::string enrollment_url;                       // of the login server, as others reach it
  std::vector<identity::bootstrap_node> bootstrap;  // for the document
  std::vector<std::string> aor_domains;             // patterns of domains whose AORs may be mapped by SIP-REGISTRATION; empty: any
  std::vector<identity::node_id> diagnostic_nodes;  // may ask nodes for diagnostics; empty: any
  std::vector<identity::node_id> bad_nodes;         // revoked
  std::string bad_nodes_file;                       // with more of those, a line each; empty: none
};

struct overlay_authority {
  identity::authority ca;
  identity::credential signer;
};

// disk's io; errc::configuration for files that are no key or certificate, with their path.
[[nodiscard]] core::result<overlay_authority> open_overlay_authority(core::environment& env, const authority_settings& s);

// All revoked Node-IDs, those of the file as it is now too; none of a file that is not there. errc::configuration names the line.
[[nodiscard]] core::result<std::vector<identity::node_id>> read_bad_nodes(const authority_settings& s);

// The signed document that says what `s` does. The one kept on disk as long as it still does, else the next of the sequence, which is kept
// then; of sequence `least` at the lowest. It has no bad nodes: those are the revocation list's. disk's io, identity's errors for a kept
// one that does not parse.
[[nodiscard]] core::result<identity::parsed_configuration> current_document(core::environment& env, const authority_settings& s,
                                                                            const overlay_authority& a, std::uint16_t least = 0);

// Another document of this authority is about: the sequence that the next one needs, so that it replaces both. Nothing: `other` is `mine`,
// or older, or not of this authority (errc of identity).
[[nodiscard]] core::result<std::optional<std::uint16_t>> sequence_above(const identity::parsed_configuration& mine, std::string_view other,
                                                                        core::wall_time now);

}  // namespace phyllo::enrollment
