#include "settings/peer_options.hpp"

namespace phyllo::node {

overlay::peer_options peer_options_of(const configuration& c, const identity::configuration& document, bool first) {
  overlay::peer_options o;
  static_cast<overlay::peer_settings&>(o) = c.overlay;
  o.publish_certificate = true;
  o.first = first;
  o.client = c.node.role == "ordinary";
  o.initial_ttl = document.initial_ttl;
  o.end_to_end_timer = std::chrono::milliseconds(document.overlay_reliability_timer_ms);
  return o;
}

}  // namespace phyllo::node
