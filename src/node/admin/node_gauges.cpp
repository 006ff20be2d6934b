#include "admin/node_gauges.hpp"

namespace phyllo::node {

node_gauges::node_gauges(core::metrics& m)
    : metrics_(m),
      ready_(m.get_gauge("phyllo_ready", "Whether the node is part of its overlay and can serve all that it is configured to: 1, or 0.")),
      bindings_(m.get_gauge("phyllo_sip_bindings", "Contacts of phones that are registered through this node.")),
      calls_(m.get_gauge("phyllo_sip_calls", "Calls that go on through this node.")) {}

void node_gauges::set(const node_status& s) {
  ready_.set(s.state == node_state::ready ? 1 : 0);
  bindings_.set(static_cast<double>(s.sip.bindings));
  calls_.set(static_cast<double>(s.sip.calls));
}

void node_gauges::set(const std::vector<certificate_end>& ends, core::wall_time now) {
  for (const auto& e : ends) {
    auto& left = metrics_.get_gauge("phyllo_certificate_expires_seconds", "Seconds until a certificate of the node ends, by which.",
                                    {{"certificate", e.name}});
    left.set(std::chrono::duration<double>(e.at - now).count());
  }
}

}  // namespace phyllo::node
