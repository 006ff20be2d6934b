// What TLS clients outside the overlay see: the operator's PEM files, or a certificate made at the first start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

// What is there: the operator's, or what an earlier start made. Nothing: neither. Errors as below.
[[nodiscard]] core::result<std::optional<transport::web_certificate>> read_web_certificate(const configuration& c);

// The same, and made where there is none. disk's io; errc::configuration for [tls] files that are not there.
[[nodiscard]] core::result<transport::web_certificate> open_web_certificate(core::environment& env, const configuration& c);

// What the node itself may be called by phones, and the nodes that it begins with: the names of its certificate, and the hosts of
// bootstrap.urls.
[[nodiscard]] std::vector<std::string> host_names_of(const configuration& c, const std::string& chain_pem);

// The PEM files that `key` of the configuration names. disk's io; errc::configuration for one that is not there or holds no certificate.
[[nodiscard]] core::result<std::vector<std::string>> read_anchors(const std::vector<std::string>& paths, const char* key);

}  // namespace phyllo::node
