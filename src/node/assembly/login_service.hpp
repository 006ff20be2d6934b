// What a node has that is the login server of its overlay (enrollment.md): the accounts, the certificate authority, the server that uses
// both, and, once it is in the ring, its duties there. On any other node this is switched off.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "assembly/node_progress.hpp"
#include "files/disk_watch.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/account_withdrawal.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/authority_duties.hpp"
#include "phyllo/enrollment/credential_publisher.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/enrollment/overlay_authority.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

class login_service {
 public:
  struct parts {
    core::environment& env;
    const configuration& settings;
    identity::trust& trust;
    node_progress& progress;
    core::metrics& metrics;
  };
  // References outlive it.
  login_service(const parts& p, core::logger log) : parts_(p), log_(std::move(log)) {}

  // As login.enabled says. Nobody is enrolled while `disk`, which outlives this, can not be written. disk's io, enrollment's errors.
  core::status open(const disk_watch& disk);
  [[nodiscard]] bool enabled() const noexcept { return authority_.has_value(); }
  [[nodiscard]] enrollment::login_server* server() const noexcept { return server_.get(); }  // null: switched off
  [[nodiscard]] enrollment::accounts* accounts() const noexcept { return accounts_.get(); }  // null: switched off
  [[nodiscard]] std::string signer() const;  // PEM of who signs the document; empty: switched off
  void take_settings();                      // of a configuration that has changed

  // What follows is of a login server's node alone. It gives itself what others ask of it by HTTPS; what it can not give it tries again,
  // and says so. Both end by cancellation otherwise.
  core::awaitable<identity::parsed_configuration> document();
  core::awaitable<identity::credential> credential();
  [[nodiscard]] core::result<identity::credential> enrol();  // once, anew
  // As they are in the database: an account that is removed rotates its domains' keys with that, and so does one whose node the operator
  // has listed among the bad ones.
  [[nodiscard]] core::result<identity::domain_keyring> keys_of(const std::vector<std::string>& domains);

  // Of a node that is in the ring by `p`, which is stopped after this. `document` is in force; `published` hears of each after it.
  void make_duties(overlay::peer& p, const identity::parsed_configuration& document,
                   std::function<void(const identity::parsed_configuration& document)> published);
  void begin_duties(core::task_scope& tasks);
  // Of a document that another node has. False: this one has no duties, or none yet.
  bool hear_of_document(const identity::parsed_configuration& document);
  // As overlay_node::settle; `apart`: what keeps this node from the others; empty: nothing.
  core::awaitable<core::result<overlay::revocation_reach>> settle(std::int64_t change, std::function<std::string()> apart,
                                                                  core::time_point deadline);
  void end();                    // settle() returns soon
  core::awaitable<void> stop();  // before destruction

 private:
  void rotate_for_bad_nodes();

  parts parts_;
  core::logger log_;
  std::unique_ptr<enrollment::accounts> accounts_;
  enrollment::authority_settings settings_;
  std::optional<enrollment::overlay_authority> authority_;
  std::unique_ptr<enrollment::login_server> server_;
  core::time_point bad_nodes_looked_at_{};
  std::unique_ptr<enrollment::credential_publisher> publisher_;
  std::unique_ptr<enrollment::account_withdrawal> withdrawal_;
  std::unique_ptr<enrollment::authority_duties> duties_;
};

}  // namespace phyllo::node
