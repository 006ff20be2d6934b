// Configuration documents on their way through the overlay (RFC 6940 s.6.3.2.1, s.6.5.4): the shell around held_document. A newer one is
// taken, pushed to all nodes that are linked, and fetched from whoever has it.
#pragma once

#include <string>
#include <vector>

#include "peer/held_document.hpp"
#include "peer/kind_spreading.hpp"
#include "peer/lower_layers.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::overlay {

class document_exchange {
 public:
  // References outlive it; `tasks` cancels what it spawns.
  document_exchange(core::environment& env, held_document& held, identity::trust& trust, kind_spreading& kinds, lower_layers& below,
                    core::metrics& metrics, core::logger log, core::task_scope& tasks, overlay_observer& up);

  // As in peer.hpp. `signers` are certificates that may have signed.
  core::status take(const std::string& document, const std::vector<identity::certificate>& signers);
  core::awaitable<core::result<std::string>> of_another();

  void on_config_update(const received_request& r);  // with a document, or with Kinds
  [[nodiscard]] core::bytes piece(core::byte_view question) const { return held_.piece(question); }
  // As in messenger_observer.
  void on_configuration_differs(const node_id& who, bool too_old);
  void on_old_configuration(destination_list return_path, const node_id& who);
  void on_new_configuration(const node_id& who);

 private:
  void push(destination_list to);
  core::awaitable<void> pull(node_id from);
  core::awaitable<core::result<std::string>> fetch(node_id from);

  core::environment& env_;
  held_document& held_;
  identity::trust& trust_;
  kind_spreading& kinds_;
  messenger& messenger_;
  const link_table& links_;
  topology_plugin& topology_;
  core::metrics& metrics_;
  core::logger log_;
  core::task_scope& tasks_;
  overlay_observer& up_;
  bool pulling_ = false;
};

}  // namespace phyllo::overlay
