// What the lower layers tell a peer goes to one of its parts from here: requests by their message code, questions by links by their
// subject, changes of the ring and of configurations.
#pragma once

#include "peer/certificate_lookups.hpp"
#include "peer/document_exchange.hpp"
#include "peer/kind_spreading.hpp"
#include "peer/lower_layers.hpp"
#include "peer/peer_applications.hpp"
#include "peer/peer_diagnosis.hpp"
#include "peer/revocation_spreading.hpp"
#include "peer/storage_component.hpp"

namespace phyllo::overlay {

class peer_dispatcher final : public topology_observer, public messenger_observer {
 public:
  struct parts {
    lower_layers& layers;
    storage_component& storage;
    kind_spreading& kinds;
    document_exchange& documents;
    revocation_spreading& revocations;
    certificate_lookups& certificates;
    peer_diagnosis& diagnosis;
    peer_applications& applications;
    overlay_observer& up;
  };
  // The lower layers are made of it, and the others of them: none is used before the layers start.
  explicit peer_dispatcher(const parts& to) : to_(to) {}

  // topology_observer
  void on_members_changed() override;
  void on_activated() override;
  void on_synced(const node_id& from, const arc& where, std::uint64_t view) override;
  void on_unsynced_here(const node_id& keeper) override;
  void on_link_question(received_request r, link_subject what, core::bytes question) override;
  void on_revocations(const node_id& from, core::byte_view announced) override;
  core::awaitable<void> give_records(node_id to, std::vector<arc> where) override;

  // messenger_observer
  void on_request(received_request r) override;
  void on_configuration_differs(const node_id& who, bool too_old) override;
  void on_old_configuration(destination_list return_path, const node_id& who) override;
  void on_new_configuration(const node_id& who) override;
  void on_unknown_signer(const node_id& n) override;

  void on_agenda_changed() override { to_.layers.wake(); }  // of both

 private:
  void on_own_method(received_request r);

  parts to_;
};

}  // namespace phyllo::overlay
