// What a node runs in one role (RFC 6940 s.1.2): a topology plug-in below, storage beside it, usages above. Makes the parts, joins them,
// and ends them; a node that changes its role makes another stack.
#pragma once

#include <memory>
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
#include "peer/peer_dispatcher.hpp"
#include "peer/revocation_exchange.hpp"
#include "peer/revocation_spreading.hpp"
#include "peer/storage_component.hpp"
#include "phyllo/overlay/peer.hpp"
#include "usages/usages_impl.hpp"

namespace phyllo::overlay {

// What a stack stands on, and what goes on from one to the next: all of it outlives them.
struct stack_ground {
  core::environment& env;
  std::shared_ptr<const identity::credential> self;
  identity::trust& trust;
  transport::link_layer& links;
  core::metrics& metrics;
  core::logger log;
  held_document& document;
  learnt_kinds& learnt;
  const peer_applications::handlers& served;
  overlay_observer& up;
};

class peer_stack {
 public:
  peer_stack(const stack_ground& on, const peer_options& options);

  // As in peer.hpp.
  core::awaitable<core::status> join(std::vector<transport::candidate> bootstrap, core::time_point deadline);
  core::awaitable<void> leave();
  core::awaitable<void> stop();
  [[nodiscard]] peer_status status() const;

  [[nodiscard]] lower_layers& layers() noexcept { return layers_; }
  [[nodiscard]] storage_component& stored() noexcept { return storage_; }
  [[nodiscard]] kind_spreading& kinds() noexcept { return kinds_; }
  [[nodiscard]] document_exchange& documents() noexcept { return documents_; }
  [[nodiscard]] revocation_spreading& revocations() noexcept { return revocations_; }
  [[nodiscard]] diagnostic_asker& asker() noexcept { return asker_; }
  [[nodiscard]] peer_applications& applications() noexcept { return applications_; }

 private:
  void start();

  core::environment& env_;
  const identity::trust& trust_;
  bool publishes_;  // its certificate
  bool started_ = false;
  // Machines, whose shells come after the layers that they send by.
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
