// The certificate store of an overlay (RFC 6940 s.8) as one node uses it: certificates of unknown signers are looked for there, and its own
// is kept there.
#pragma once

#include <set>

#include "peer/lower_layers.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/usages.hpp"
#include "reload/token_bucket.hpp"

namespace phyllo::overlay {

class certificate_lookups {
 public:
  // References outlive it; `tasks` cancels what it spawns.
  certificate_lookups(core::environment& env, const identity::trust& trust, lower_layers& below, usages& store, core::logger log,
                      core::task_scope& tasks);

  // Messages of `n` wait for its certificate: they are released when it has been looked for, or at once where it is not.
  void on_unknown_signer(const node_id& n);
  // Ends by cancellation, or as this node leaves.
  core::awaitable<void> keep_published();

 private:
  core::awaitable<void> look_up(node_id n);

  static constexpr float look_ups_burst = 10;  // that others make this node do
  static constexpr float look_ups_per_second = 2;

  core::environment& env_;
  const identity::trust& trust_;
  messenger& messenger_;
  const ring_knowledge& ring_;
  usages& store_;
  core::logger log_;
  core::task_scope& tasks_;
  std::set<node_id> looking_up_;
  token_bucket look_ups_{look_ups_per_second, look_ups_burst};
};

}  // namespace phyllo::overlay
