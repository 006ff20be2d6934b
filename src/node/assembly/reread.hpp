// What of a configuration a node takes over while it runs: the web certificate and its key, the anchors of its bootstrap servers, revoked
// nodes, and the limits on rates. All is read and checked first; what follows can not fail.
#pragma once

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/node/supernode.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

// Of a node of one overlay, checked and not in use yet.
struct fresh_settings {
  configuration settings;
  transport::web_certificate web;
};

// `c` is of one overlay, and valid. disk's io, errc::configuration, transport's errors: a file is missing, or is not what its key says.
[[nodiscard]] core::result<fresh_settings> read_again(core::environment& env, configuration c);

// Sets in `running` what can be taken over as `fresh` has it; says which keys that changed, and which others differ.
reread_report take_over(configuration& running, const configuration& fresh);

}  // namespace phyllo::node
