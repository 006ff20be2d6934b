// The node's own certificate and keys between two starts: DATA/node.pem and DATA/domain.key.
#pragma once

#include <optional>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// Nothing: no files, or files that do not parse (the node enrols anew). errc::io.
[[nodiscard]] core::result<std::optional<enrollment::enrolled>> load_credential(const configuration& c);
[[nodiscard]] core::status save_credential(const configuration& c, const enrollment::enrolled& e);

// When two thirds of the validity are over: early enough to outlive a login server's outage.
[[nodiscard]] core::wall_time renewal_time(const identity::certificate& c);

// The same for a certificate that is taken into use now. Its validity began before it was issued, for slow clocks'
// sake; of a very short one more than two thirds are over then, and the rest counts.
[[nodiscard]] core::wall_time renewal_time(const identity::certificate& c, core::wall_time now);

}  // namespace phyllo::node
