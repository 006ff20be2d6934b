// What whoever runs an overlay owns: its certificate authority, the signer of its configuration document, the key that
// credential records are sealed to. Kept in [login] ca_directory, made at the first start.
#pragma once

#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/seal.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

struct overlay_authority {
  identity::authority ca;
  identity::credential signer;
  identity::seal_key_pair domain_key;
};

// errc::io; errc::configuration for files that are no key or certificate, with their path.
[[nodiscard]] core::result<overlay_authority> open_overlay_authority(core::environment& env, const configuration& c);

// Revoked Node-IDs: [overlay] bad_nodes and the lines of bad_nodes_file. errc::configuration names the line.
[[nodiscard]] core::result<std::vector<identity::node_id>> read_bad_nodes(const configuration& c);

// The signed document that says what `c` does. The one kept on disk as long as it still does, else the next of the
// sequence, which is kept then. `revoked`: bad nodes beside those of read_bad_nodes. errc::io, identity's errors for a kept one that does
// not parse.
[[nodiscard]] core::result<identity::parsed_configuration> current_document(core::environment& env, const configuration& c,
                                                                            const overlay_authority& a,
                                                                            const std::vector<identity::node_id>& revoked = {});

// Where others reach the login and bootstrap servers of this node: "https://192.0.2.1:443".
[[nodiscard]] std::string server_url(const configuration& c);

// A Node-ID that is none of the reserved ones.
[[nodiscard]] identity::node_id random_node_id(core::environment& env);

// Domain key as a file holds it: two lines of hex.
[[nodiscard]] std::string print_seal_key(const identity::seal_key_pair& k);
[[nodiscard]] std::optional<identity::seal_key_pair> parse_seal_key(const std::string& text);

}  // namespace phyllo::node
