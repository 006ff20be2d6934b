// A node of one overlay: its parts, wired together by constructors, and the order in which they start and stop. A supernode has one for
// each overlay that it is part of. Members stand in the order of their making: what is below may refer to what is above.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "admin/admin.hpp"
#include "admin/node_status.hpp"
#include "assembly/bootstrap_pages.hpp"
#include "assembly/document_keeper.hpp"
#include "assembly/login_service.hpp"
#include "assembly/node_credential.hpp"
#include "assembly/node_ports.hpp"
#include "assembly/node_progress.hpp"
#include "assembly/node_report.hpp"
#include "assembly/reread.hpp"
#include "assembly/revocation_keeper.hpp"
#include "assembly/ring_membership.hpp"
#include "assembly/server_clock.hpp"
#include "assembly/sip_side.hpp"
#include "files/data_directory.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"
#include "phyllo/transport/local_discovery.hpp"

namespace phyllo::node {

class overlay_node {
 public:
  // What its owner hears.
  struct events {
    std::function<void()> joined;  // once: it is part of the ring, and peer() is there
    // Of a joined node: why it is not ready; nothing: it is.
    std::function<void(const std::optional<std::string>& why)> readiness;
    // It is enrolled as another node, which is on disk: this one is to be stopped, and another made in its place.
    std::function<void()> start_again;
    // The whole process is to end, because of this.
    std::function<void(const core::error& why)> end;
  };
  // `c` is of this overlay alone (configuration::of_overlay). References outlive it.
  overlay_node(core::environment& env, configuration c, const node_shards& shards, core::metrics& metrics, core::logger log, events e);

  // As of supernode::open. After a failure, too, stop() is due.
  core::status open();

  core::awaitable<void> drain();
  core::awaitable<void> stop();
  reread_report take(fresh_settings f);  // into use, at once
  void reopen_files();                   // of debug: what comes from now on goes to files of their names
  // Of a node that joins in vain: it begins the ring from what it has. errc::refused.
  core::status form();
  // Of a login server: waits until the revocation list says what the accounts did at that change, and the leaf set has it. timed_out says
  // what is lacking; errc::refused: this node is no login server.
  core::awaitable<core::result<overlay::revocation_reach>> settle(std::int64_t change, core::time_point deadline);
  [[nodiscard]] bool joined() const { return progress_.state == node_state::ready; }
  [[nodiscard]] bool ready() const { return joined() && !credential_.lacks(); }
  [[nodiscard]] const configuration& settings() const noexcept { return configuration_; }
  [[nodiscard]] const std::string& overlay_id() const noexcept { return configuration_.overlay.name; }
  [[nodiscard]] overlay::peer* peer() { return joined() ? peer_.get() : nullptr; }  // that stays until stop(); null before it has joined
  [[nodiscard]] node_status status() const { return report_.status(); }
  [[nodiscard]] health healthz() const { return report_.healthz(); }
  void measure() { report_.measure(); }  // sets what /metrics says of now

 private:
  core::status open_ports();
  core::awaitable<void> start();
  core::awaitable<void> join();
  std::uint32_t make_peer(bool first);
  core::awaitable<void> serve(std::uint32_t incarnation);
  void keep_going();
  core::awaitable<void> end();
  [[nodiscard]] node_credential::events credential_events();
  void on_revoked(const std::vector<identity::node_id>& keys);
  // What the local network is told of it; nothing: it has no say yet, or is no supernode.
  [[nodiscard]] std::optional<transport::local_discovery::own_place> own_place() const;

  core::environment& env_;
  configuration configuration_;
  core::logger log_;
  core::metrics& metrics_;
  events events_;
  node_progress progress_;
  identity::trust trust_;
  std::unique_ptr<data_directory> directory_;
  login_service login_;
  server_clock clock_;
  bootstrap_pages pages_;
  document_keeper document_;
  revocation_keeper revocations_;
  node_ports ports_;
  node_credential credential_;
  ring_membership ring_;
  std::unique_ptr<overlay::peer> peer_;
  sip_side sip_;
  node_report report_;
  core::task_scope tasks_;  // of all parts: what goes on while the node runs ends together
};

}  // namespace phyllo::node
