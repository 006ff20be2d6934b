#include "settings/peer_options.hpp"

namespace phyllo::node {

overlay::peer_options peer_options_of(const configuration& c, const identity::configuration& document, bool first) {
  overlay::peer_options o;
  o.leaf_set = c.overlay.leaf_set;
  o.digit_bits = c.overlay.digit_bits;
  o.replicas = c.overlay.replicas;
  o.neighborhood = c.overlay.neighborhood;
  o.heartbeat = c.overlay.heartbeat;
  o.records_max = c.overlay.records_max;
  o.record_bytes_max = c.overlay.record_bytes_max;
  o.publish_certificate = true;
  o.first = first;
  o.client = c.node.role == "ordinary";
  o.initial_ttl = document.initial_ttl;
  o.end_to_end_timer = std::chrono::milliseconds(document.overlay_reliability_timer_ms);
  return o;
}

}  // namespace phyllo::node
