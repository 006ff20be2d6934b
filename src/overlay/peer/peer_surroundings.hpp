// The ring as the peer's storage sees it (reload/surroundings.hpp): who shares what is stored, and requests to them and to roots. Whoever
// answers a request with Error_Unknown_Kind is taught the Kind, if it is known here (RFC 6940 s.7.4.1.2).
#pragma once

#include <memory>

#include "peer/learnt_kinds.hpp"
#include "peer/lookup_metrics.hpp"
#include "peer/lower_layers.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

class peer_surroundings final : public surroundings {
 public:
  // References outlive it. `leaf_set` is |L|.
  peer_surroundings(core::environment& env, std::shared_ptr<const identity::credential> self, std::size_t leaf_set, lower_layers& below,
                    const learnt_kinds& kinds, core::metrics& metrics);

  [[nodiscard]] const node_id& self() const override { return self_->certificate.node(); }
  [[nodiscard]] bool active() const override { return topology_.knows().active(); }
  [[nodiscard]] bool attached() const override { return topology_.knows().state() == peer_state::ready; }
  [[nodiscard]] std::vector<member> members() const override { return topology_.knows().members(); }
  [[nodiscard]] std::size_t leaf_set_size() const override { return leaf_set_; }
  [[nodiscard]] core::duration round_trip(const node_id& to) const override { return topology_.knows().round_trip(to); }
  [[nodiscard]] core::wall_time wall_now() const override { return clock_.wall_now(); }
  [[nodiscard]] bool clock_agreed() const override { return clock_.agreed(); }
  core::awaitable<core::result<answer>> request(node_id to, message_contents m, core::time_point deadline) override;
  core::awaitable<core::result<answer>> request_root(resource_id to, message_contents m, core::time_point deadline) override;
  core::awaitable<core::result<answer>> request_root_patiently(resource_id to, message_contents m, core::time_point deadline) override;
  void request_each(std::vector<node_id> to, message_contents m, core::time_point deadline, answer_handler on_answer) override;
  core::awaitable<core::result<core::bytes>> sync(node_id with, core::bytes body, core::time_point deadline) override;
  void reconcile(node_id with) override { topology_.carries().reconcile(with); }
  void announce_synced(resource_id first, resource_id last, std::uint64_t view) override {
    topology_.carries().announce_synced({first, last}, view);
  }
  void remind_unsynced(node_id who) override { topology_.carries().remind_unsynced(who); }
  [[nodiscard]] const identity::certificate* find_certificate(const identity::sha256_digest& fingerprint) const override {
    return messenger_.certificates().find(fingerprint);
  }

 private:
  core::awaitable<core::result<answer>> ask(destination_list to, message_contents m, core::time_point deadline, requester::options o);

  core::environment& env_;
  std::shared_ptr<const identity::credential> self_;
  std::size_t leaf_set_;
  topology_plugin& topology_;
  messenger& messenger_;
  const node_clock& clock_;
  const learnt_kinds& kinds_;
  lookup_metrics lookups_;
};

}  // namespace phyllo::overlay
