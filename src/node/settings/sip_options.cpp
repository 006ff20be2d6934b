#include "settings/sip_options.hpp"

namespace phyllo::node {

sip::service_options sip_options_of(const configuration& c, std::vector<std::string> anchors_pem, identity::node_id self) {
  sip::service_options o;
  o.domains = c.node.domains;
  o.anchors_pem = std::move(anchors_pem);
  o.digests = c.sip.digest_policy == "require" ? sip::digest_policy::require : sip::digest_policy::adapt;
  o.wrong_passwords_per_minute = c.sip.wrong_passwords_per_minute;
  o.nonce_lifetime = c.sip.nonce_lifetime;
  o.expires_min = c.sip.expires_min;
  o.expires_default = c.sip.expires_default;
  o.expires_max = c.sip.expires_max;
  o.expires_flow = c.sip.expires_flow;
  o.flow_timer = c.sip.flow_timer;
  o.contacts_max = c.sip.contacts_max;
  o.authenticate_calls = c.sip.authenticate_calls;
  o.stranger_methods = c.sip.stranger_methods;
  o.stranger_answer = static_cast<int>(c.sip.stranger_answer);
  o.refusal_delay = c.sip.refusal_delay;
  o.trusted_headers = c.sip.trusted_headers;
  o.peers = c.sip.peers;
  o.transactions_max = c.sip.transactions_max;
  o.ringing_per_callee = c.sip.ringing_per_callee;
  o.ringing_per_caller = c.sip.ringing_per_caller;
  o.source_messages_per_second = c.sip.source_messages_per_second;
  o.source_messages_burst = c.sip.source_messages_burst;
  o.strangers_messages_per_second = c.sip.strangers_messages_per_second;
  o.t1 = c.sip.t1;
  o.t2 = c.sip.t2;
  o.t4 = c.sip.t4;
  o.advertised_address = c.node.advertised_address;
  o.dns_servers = c.sip.dns_servers;
  o.sip_port = c.ports.sip;
  o.sips_port = c.ports.sips;
  o.other_ports = {c.ports.https, c.ports.http, c.ports.reload, c.ports.stun};
  o.self = self;
  return o;
}

sip::proxy_place proxy_place_of(const configuration& c, identity::node_id self) {
  return {c.node.advertised_address.empty() ? c.node.address : c.node.advertised_address, c.ports.sip, c.ports.sips, self};
}

}  // namespace phyllo::node
