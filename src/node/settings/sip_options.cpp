#include "settings/sip_options.hpp"

namespace phyllo::node {

sip::service_options sip_options_of(const configuration& c, std::vector<std::string> anchors_pem, identity::node_id self) {
  sip::service_options o;
  static_cast<sip::service_settings&>(o) = c.sip;
  o.domains = c.node.domains;
  o.anchors_pem = std::move(anchors_pem);
  o.advertised_address = c.node.advertised_address;
  o.ports = c.ports;
  o.self = self;
  return o;
}

sip::proxy_place proxy_place_of(const configuration& c, identity::node_id self) {
  return {c.node.advertised_address.empty() ? c.node.address : c.node.advertised_address, c.ports.sip, c.ports.sips, self};
}

}  // namespace phyllo::node
