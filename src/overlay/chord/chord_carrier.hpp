// CHORD-RELOAD defines no message for comparisons of what replicas hold and for revocation lists: a node of it has none to send, and says
// so to who asks. Its replicas are kept by Stores (RFC 6940 s.10.4).
#pragma once

#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class chord_carrier final : public link_carrier {
 public:
  core::awaitable<core::result<core::bytes>> ask_on_link(node_id, link_subject, core::bytes, core::time_point) override {
    co_return core::fail(errc::refused, "CHORD-RELOAD has no message for it");
  }
  void answer_on_link(const received_request&, link_subject, core::bytes) override {}  // for nobody could ask
  void announce_synced(const arc&, std::uint64_t) override {}
  void announce_revocations(const std::vector<node_id>&, core::bytes) override {}
  void reconcile(const node_id&) override {}
  void remind_unsynced(const node_id&) override {}
};

}  // namespace phyllo::overlay
