// The certificates that a node of a configuration shows, signs with or believes: whether they are what their keys say, and when they end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/node/findings.hpp"

namespace phyllo::node {

void check_certificates(core::wall_time now, const configuration& c, findings& out);

// One of them, for phyllo_certificate_expires_seconds{certificate="NAME"}.
struct certificate_end {
  const char* name;  // "web", "overlay_ca", "ca", "signer", "bootstrap_anchor", "sip_anchor"
  core::wall_time at;
};

// Of the web certificate in use, of the overlay's authorities (DER, as its document has them), and of all others that stand in files now;
// the earliest of each name. What can not be read is left out.
[[nodiscard]] std::vector<certificate_end> certificate_ends(const configuration& c, std::string_view web_chain_pem,
                                                            const std::vector<core::bytes>& overlay_roots);

}  // namespace phyllo::node
