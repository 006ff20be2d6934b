// The peer: a topology plug-in below, storage beside it, the API above. Makes the parts, joins them, and ends them; what it does not do
// itself it hands to the part that does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "peer/certificate_lookups.hpp"
#include "peer/diagnostic_asker.hpp"
#include "peer/document_exchange.hpp"
#include "peer/held_document.hpp"
#include "peer/kind_spreading.hpp"
#include "peer/learnt_kinds.hpp"
#include "peer/lower_layers.hpp"
#include "peer/observer_list.hpp"
#include "peer/peer_applications.hpp"
#include "peer/peer_diagnosis.hpp"
#include "peer/peer_dispatcher.hpp"
#include "peer/peer_records.hpp"
#include "peer/revocation_exchange.hpp"
#include "peer/revocation_spreading.hpp"
#include "peer/storage_component.hpp"
#include "phyllo/overlay/peer.hpp"
#include "usages/usages_impl.hpp"

namespace phyllo::overlay {

class peer_impl final : public peer_records {
 public:
  peer_impl(core::environment& env, peer_options options, std::shared_ptr<const identity::credential> self,
            identity::parsed_configuration configuration, identity::trust& trust, transport::link_layer& links, core::metrics& metrics,
            core::logger log);

  // peer
  core::awaitable<core::status> join(std::vector<transport::candidate> bootstrap, core::time_point deadline) override;
  void form() override;
  void seek(std::vector<transport::candidate> place) override;
  void hear_time(core::told_time t) override { layers_.clock().hear(std::move(t)); }
  void observe(overlay_observer& o) override { observers_.add(o); }
  core::awaitable<void> leave() override;
  core::awaitable<void> stop() override;
  core::awaitable<core::status> adopt(std::string document) override;
  core::awaitable<core::status> adopt_kind(std::string block) override;
  core::status take_revocations(identity::revocation_list::next n) override;
  core::awaitable<revocation_reach> reach_of_revocations(core::time_point deadline) override;
  core::awaitable<core::result<std::string>> document_of_another() override;
  core::awaitable<core::result<ping_outcome>> ping(node_id destination, core::duration timeout) override;
  core::awaitable<core::result<ping_outcome>> ping_by_route(std::vector<node_id> route, core::duration timeout) override;
  core::awaitable<core::result<ping_outcome>> ping_root(resource_id key, core::duration timeout) override;
  core::awaitable<core::result<trace_outcome>> trace(node_id destination, core::duration timeout) override;
  core::awaitable<core::result<trace_outcome>> trace_root(resource_id key, core::duration timeout) override;
  void serve_application(std::uint16_t application, application_handler handler) override;
  core::awaitable<core::result<application_offer>> app_attach(std::vector<node_id> route, std::uint16_t application, application_offer mine,
                                                              core::duration timeout) override;
  [[nodiscard]] usages& uses() override { return usages_; }
  [[nodiscard]] peer_status status() const override;
  [[nodiscard]] bool claims(const resource_id& key) const override;
  [[nodiscard]] bool has_failed(const node_id& n) const override { return layers_.ring().has_failed(n); }

  // What storage sees of it.
  [[nodiscard]] surroundings& ring() noexcept { return storage_.ring(); }
  [[nodiscard]] bool active() const { return layers_.ring().active(); }

 private:
  void start();

  core::environment& env_;
  bool client_;
  const identity::certificate& certificate_;  // this node's own
  bool publishes_;  // its certificate
  bool started_ = false;
  const identity::trust& trust_;
  observer_list observers_;
  // Machines, whose shells come after the layers that they send by.
  held_document document_;
  learnt_kinds learnt_;
  revocation_exchange exchange_;
  peer_dispatcher dispatcher_;
  lower_layers layers_;
  core::task_scope tasks_;
  storage_component storage_;
  usages_impl usages_;
  kind_spreading kinds_;
  document_exchange documents_;
  revocation_spreading revocations_;
  certificate_lookups certificates_;
  peer_diagnosis diagnosis_;
  diagnostic_asker asker_;
  peer_applications applications_;
};

}  // namespace phyllo::overlay
