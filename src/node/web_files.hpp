// What TLS clients outside the overlay see: the operator's PEM files, or a certificate made at the first start.
#pragma once

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

// errc::io; errc::configuration for [tls] files that are not there.
[[nodiscard]] core::result<transport::web_certificate> open_web_certificate(core::environment& env, const configuration& c);

}  // namespace phyllo::node
