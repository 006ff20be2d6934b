// What whoever runs an overlay owns: its certificate authority and the signer of its configuration document. Kept in [login] ca_directory,
// made at the first start. (The domains' keys are kept with the accounts.)
#pragma once

#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

struct overlay_authority {
  identity::authority ca;
  identity::credential signer;
};

// disk's io; errc::configuration for files that are no key or certificate, with their path.
[[nodiscard]] core::result<overlay_authority> open_overlay_authority(core::environment& env, const configuration& c);

// Revoked Node-IDs: [overlay] bad_nodes and the lines of bad_nodes_file. errc::configuration names the line.
[[nodiscard]] core::result<std::vector<identity::node_id>> read_bad_nodes(const configuration& c);

// The signed document that says what `c` does. The one kept on disk as long as it still does, else the next of the sequence, which is kept
// then; of sequence `least` at the lowest. It has no bad nodes: those are the revocation list's. disk's io, identity's errors for a kept
// one that does not parse.
[[nodiscard]] core::result<identity::parsed_configuration> current_document(core::environment& env, const configuration& c,
                                                                            const overlay_authority& a, std::uint16_t least = 0);

// Another document of this authority is about: the sequence that the next one needs, so that it replaces both. Nothing: `other` is `mine`,
// or older, or not of this authority (errc of identity).
[[nodiscard]] core::result<std::optional<std::uint16_t>> sequence_above(const identity::parsed_configuration& mine, std::string_view other,
                                                                        core::wall_time now);

// Where others reach the login and bootstrap servers of this node: "https://192.0.2.1:443".
[[nodiscard]] std::string server_url(const configuration& c);

// A Node-ID that is none of the reserved ones.
[[nodiscard]] identity::node_id random_node_id(core::environment& env);

}  // namespace phyllo::node
