// From the configuration to what the node's SIP service needs.
#pragma once

#include <string>
#include <vector>

#include "phyllo/node/configuration.hpp"
#include "phyllo/sip/proxy_location.hpp"
#include "phyllo/sip/service.hpp"

namespace phyllo::node {

// `c` is valid; `anchors_pem` is what sip.anchors names. What it is told by other parts of the node is the caller's to add.
[[nodiscard]] sip::service_options sip_options_of(const configuration& c, std::vector<std::string> anchors_pem, identity::node_id self);
// Where others reach the node's proxy.
[[nodiscard]] sip::proxy_place proxy_place_of(const configuration& c, identity::node_id self);

}  // namespace phyllo::node
