// What lies below storage and the API in a peer (RFC 6940 s.1.2): message transport, topology plug-in, and links. They know each other, so
// they are made, started and stopped together.
#pragma once

#include <memory>

#include "phyllo/core/task_scope.hpp"
#include "reload/link_maker.hpp"
#include "reload/link_table.hpp"
#include "reload/messenger.hpp"
#include "reload/node_clock.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class lower_layers {
 public:
  // References outlive it. Nothing is observed before start().
  lower_layers(core::environment& env, const peer_options& options, const std::shared_ptr<const identity::credential>& self,
               const identity::configuration& document, identity::trust& trust, transport::link_layer& layer, core::metrics& metrics,
               const core::logger& log, topology_observer& above_topology, messenger_observer& above_messages);

  // Once; `tasks` cancels what it spawns.
  void start(core::task_scope& tasks);
  void wake() { alarm_->set(env_.now()); }  // something may be due earlier than it was
  // From now on nothing is sent or heard, and links are closed.
  void halt();
  core::awaitable<void> stop();  // after that
  void describe(peer_status& s) const;

  [[nodiscard]] node_clock& clock() noexcept { return clock_; }
  [[nodiscard]] const node_clock& clock() const noexcept { return clock_; }
  [[nodiscard]] link_table& links() noexcept { return links_; }
  [[nodiscard]] topology_plugin& topology() const noexcept { return *topology_; }
  [[nodiscard]] const ring_knowledge& ring() const noexcept { return topology_->knows(); }
  [[nodiscard]] messenger& messages() noexcept { return messenger_; }
  [[nodiscard]] link_maker& making() noexcept { return making_; }

 private:
  core::awaitable<void> run_agenda();

  core::environment& env_;
  node_clock clock_;
  link_table links_;
  std::unique_ptr<topology_plugin> topology_;
  messenger messenger_;
  link_maker making_;
  std::unique_ptr<core::timer> alarm_;
};

}  // namespace phyllo::overlay
