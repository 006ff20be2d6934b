// "The Storage component is responsible for processing messages relating to the storage and retrieval of data. It talks directly to the
// topology plug-in to manage data replication and migration" (RFC 6940 s.1.2): storage, what it sees of the ring, and the requests of
// others that it works on.
#pragma once

#include <memory>

#include "peer/learnt_kinds.hpp"
#include "peer/lower_layers.hpp"
#include "peer/peer_surroundings.hpp"
#include "storage/storage.hpp"

namespace phyllo::overlay {

class storage_component {
 public:
  static constexpr std::size_t serving_max = 2048;  // requests of others that storage works on at once

  // References outlive it; `tasks` cancels what it spawns.
  storage_component(core::environment& env, const peer_options& options, const std::shared_ptr<const identity::credential>& self,
                    identity::trust& trust, lower_layers& below, learnt_kinds& kinds, core::metrics& metrics, const core::logger& log,
                    core::task_scope& tasks);

  [[nodiscard]] storage& held() noexcept { return *storage_; }
  [[nodiscard]] const storage& held() const noexcept { return *storage_; }
  [[nodiscard]] surroundings& ring() noexcept { return ring_; }

  void on_request(received_request r);  // Store, Fetch, Stat, Find
  void on_sync(received_request r, core::bytes sync);
  // By how much of serving_max is taken: 0 none .. 15 congestion (RFC 7851 s.9.2, STATUS_INFO).
  [[nodiscard]] std::uint8_t load() const noexcept;

 private:
  core::awaitable<void> serve(received_request r);
  core::awaitable<void> serve_sync(received_request r, core::bytes sync);

  topology_plugin& topology_;
  messenger& messenger_;
  core::metrics& metrics_;
  core::task_scope& tasks_;
  peer_surroundings ring_;
  std::unique_ptr<storage> storage_;
  std::size_t serving_ = 0;
};

}  // namespace phyllo::overlay
