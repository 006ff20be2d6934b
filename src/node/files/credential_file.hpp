// The node's own certificate and key between two starts: DATA/node.pem.
#pragma once

#include <optional>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// Nothing: no file, or one that does not parse (the node enrols anew). disk's io.
[[nodiscard]] core::result<std::optional<identity::credential>> load_credential(const configuration& c);
[[nodiscard]] core::status save_credential(const configuration& c, const identity::credential& e);

// When two thirds of the validity are over: early enough to outlive a login server's outage.
[[nodiscard]] core::wall_time renewal_time(const identity::certificate& c);

// The same for a certificate that is taken into use now. Its validity began before it was issued, for slow clocks'
// sake; of a very short one more than two thirds are over then, and the rest counts.
[[nodiscard]] core::wall_time renewal_time(const identity::certificate& c, core::wall_time now);

}  // namespace phyllo::node
