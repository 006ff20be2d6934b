// The configuration document in force (RFC 6940 s.11.1), from the first that a node adopts to the newest that the overlay has. It is served
// to others, and kept on disk for the next start.
#pragma once

#include <optional>

#include "assembly/login_service.hpp"
#include "assembly/node_progress.hpp"
#include "assembly/server_clock.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

class document_keeper final : public overlay::overlay_observer {
 public:
  struct parts {
    core::environment& env;
    const configuration& settings;
    identity::trust& trust;
    server_clock& clock;
    login_service& login;
    enrollment::bootstrap_server& server;
    node_progress& progress;
  };
  // References outlive it.
  document_keeper(const parts& p, core::logger log) : parts_(p), log_(std::move(log)), wanted_(p.env, 1) {}

  // The first one: of the bootstrap servers, or the login server's own. False: its certificates can not be believed, which it has said.
  // Ends by cancellation otherwise.
  core::awaitable<bool> obtain();
  [[nodiscard]] bool there() const noexcept { return document_.has_value(); }
  [[nodiscard]] const identity::parsed_configuration& in_force() const { return *document_; }

  void publish(const identity::parsed_configuration& document);  // it is in force
  void look() { wanted_.push(true); }                            // at the bootstrap servers now, instead of when it is due
  // What the overlay has not told is found at the bootstrap servers. `p` is in the ring; ends by cancellation.
  core::awaitable<void> refresh(overlay::peer& p);

  // overlay_observer
  void on_document(const identity::parsed_configuration& document) override;

 private:
  core::awaitable<identity::parsed_configuration> first();
  core::status adopt_first();
  void keep(const identity::parsed_configuration& document);

  parts parts_;
  core::logger log_;
  std::optional<identity::parsed_configuration> document_;
  core::mailbox<bool> wanted_;
};

}  // namespace phyllo::node
