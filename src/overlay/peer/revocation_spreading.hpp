// The revocation list on its way through the overlay (pastry.md, "Revocations"): the shell around revocation_exchange. It asks, announces,
// and has links closed to whom the list revokes.
#pragma once

#include "peer/lower_layers.hpp"
#include "peer/revocation_exchange.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"

namespace phyllo::overlay {

class revocation_spreading {
 public:
  // References outlive it; `tasks` cancels what it spawns.
  revocation_spreading(core::environment& env, revocation_exchange& exchange, lower_layers& below, core::task_scope& tasks);

  core::awaitable<void> keep();  // asks others, as long as the node runs: ends by cancellation
  // As in peer.hpp.
  core::status take(identity::revocation_list::next n);
  core::awaitable<revocation_reach> reach(core::time_point deadline);

  void on_announced(const node_id& from, core::byte_view announced);
  [[nodiscard]] core::bytes give(const node_id& to, core::byte_view question);

 private:
  enum class question_outcome { failed, nothing_new, useful };
  core::awaitable<question_outcome> ask();
  void spread(const revocation_exchange::news& n);
  void announce(revocation_exchange::subject what);
  core::awaitable<void> drop_revoked_soon();

  core::environment& env_;
  revocation_exchange& exchange_;
  const link_table& links_;
  topology_plugin& topology_;
  core::task_scope& tasks_;
  core::mailbox<bool> wanted_;  // now, instead of when it is due
  bool dropping_ = false;
};

}  // namespace phyllo::overlay
