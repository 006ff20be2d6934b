// The peer: a topology plug-in below, storage beside it, the API above. Joins the parts; decides nothing itself.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "peer/certificate_lookups.hpp"
#include "peer/diagnostic_asker.hpp"
#include "peer/document_exchange.hpp"
#include "peer/held_document.hpp"
#include "peer/kind_spreading.hpp"
#include "peer/learnt_kinds.hpp"
#include "peer/lower_layers.hpp"
#include "peer/peer_applications.hpp"
#include "peer/peer_diagnosis.hpp"
#include "peer/revocation_exchange.hpp"
#include "peer/revocation_spreading.hpp"
#include "peer/storage_component.hpp"
#include "phyllo/overlay/peer.hpp"
#include "usages/usages_impl.hpp"

namespace phyllo::overlay {

class peer_impl final : public peer, public messenger_observer, public topology_observer {
 public:
  peer_impl(core::environment& env, peer_options options, std::shared_ptr<const identity::credential> self,
            identity::parsed_configuration configuration, identity::trust& trust, transport::link_layer& links, core::metrics& metrics,
            core::logger log);

  // overlay
  core::awaitable<core::result<outcome>> get(std::string overlay_id, name n, read_options o) override;
  core::awaitable<core::result<outcome>> add(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                             write_options o) override;
  core::awaitable<core::result<outcome>> update(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                write_options o) override;
  core::awaitable<core::result<outcome>> remove(std::string overlay_id, name n, write_options o) override;
  core::awaitable<core::result<outcome>> watch(std::string overlay_id, name n, watch_options o) override;

  // peer
  core::awaitable<core::status> join(std::vector<transport::candidate> bootstrap, core::time_point deadline) override;
  void form() override { topology_->form(); }
  void seek(std::vector<transport::candidate> place) override { topology_->seek(std::move(place)); }
  void hear_time(core::told_time t) override { clock_.hear(std::move(t)); }
  void observe_members(std::function<void()> f) override { on_members_ = std::move(f); }
  core::awaitable<void> leave() override;
  core::awaitable<void> stop() override;
  core::awaitable<core::status> adopt(std::string document) override;
  core::awaitable<core::status> adopt_kind(std::string block) override;
  void observe_document(std::function<void(const identity::parsed_configuration& document)> f) override {
    documents_.observe(std::move(f));
  }
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
  [[nodiscard]] bool has_failed(const node_id& n) const override { return topology_->knows().has_failed(n); }
  void observe_deliveries(std::function<void(const resource_id& key)> f) override { diagnosis_.observe_deliveries(std::move(f)); }

  // What storage sees of it.
  [[nodiscard]] surroundings& ring() noexcept { return stored_.ring(); }
  [[nodiscard]] bool active() const { return layers_.ring().active(); }

  // topology_observer
  void on_members_changed() override;
  void on_activated() override;
  void on_synced(const node_id& from, const arc& where, std::uint64_t view) override;
  void on_unsynced_here(const node_id& keeper) override;
  void on_link_question(received_request r, link_subject what, core::bytes question) override;
  void on_revocations(const node_id& from, core::byte_view announced) override;
  void on_agenda_changed() override { layers_.wake(); }
  core::awaitable<void> give_records(node_id to, std::vector<arc> where) override;

  // messenger_observer
  void on_request(received_request r) override;
  void on_configuration_differs(const node_id& who, bool too_old) override;
  void on_old_configuration(destination_list return_path, const node_id& who) override;
  void on_new_configuration(const node_id& who) override;
  void on_unknown_signer(const node_id& n) override;

 private:
  void start();
  [[nodiscard]] const node_id& self() const { return self_->certificate.node(); }
  [[nodiscard]] core::status known(const std::string& overlay_id) const;
  void on_own_method(received_request r);

  core::environment& env_;
  peer_options options_;
  std::shared_ptr<const identity::credential> self_;
  identity::trust& trust_;
  core::metrics& metrics_;
  core::logger log_;
  held_document document_;
  learnt_kinds learnt_;
  std::function<void()> on_members_;
  revocation_exchange exchange_;
  bool started_ = false;
  lower_layers layers_;
  core::task_scope scope_;
  storage_component stored_;
  usages_impl usages_;
  kind_spreading kinds_;
  document_exchange documents_;
  revocation_spreading revocations_;
  certificate_lookups certificates_;
  peer_diagnosis diagnosis_;
  diagnostic_asker asker_;
  peer_applications applications_;
  node_clock& clock_ = layers_.clock();
  topology_plugin* topology_ = &layers_.topology();
  messenger& messenger_ = layers_.messages();
  link_maker& making_ = layers_.making();
  storage* storage_ = &stored_.held();
};

}  // namespace phyllo::overlay
