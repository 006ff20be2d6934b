#include "settings/peer_options.hpp"

namespace phyllo::node {

overlay::peer_options peer_options_of(const configuration& c, bool first) {
  overlay::peer_options o;
  static_cast<overlay::peer_settings&>(o) = c.overlay;
  o.publish_certificate = true;
  o.first = first;
  o.client = c.node.role == "ordinary";
  return o;
}

}  // namespace phyllo::node
