// What TLS clients outside the overlay see: the operator's PEM files, or a certificate made at the first start.
#pragma once

#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

// errc::io; errc::configuration for [tls] files that are not there.
[[nodiscard]] core::result<transport::web_certificate> open_web_certificate(core::environment& env, const configuration& c);

// The PEM files that `key` of the configuration names. errc::io; errc::configuration for one that is not there or holds no certificate.
[[nodiscard]] core::result<std::vector<std::string>> read_anchors(const std::vector<std::string>& paths, const char* key);

}  // namespace phyllo::node
