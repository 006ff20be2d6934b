// The node's certificate with its key, and the keys of its domains: obtained at the start, kept good while it runs; and what of them the
// node lacks to serve what it is configured to.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "assembly/certificate_keeper.hpp"
#include "assembly/document_keeper.hpp"
#include "assembly/domain_key_keeper.hpp"
#include "assembly/login_service.hpp"
#include "assembly/node_progress.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

class node_credential {
 public:
  struct parts {
    core::environment& env;
    const configuration& settings;
    const identity::trust& trust;
    const document_keeper& document;
    login_service& login;
    node_progress& progress;
  };
  // What its owner hears.
  struct events {
    std::function<void(const identity::credential& own)> in_use;  // links are to show this one from now on
    std::function<void()> renewed;                                // it may be of other domains, whose keys are at hand now
    std::function<void()> start_again;                            // it is of another node, which this one has to make room for
  };
  // References outlive it.
  node_credential(const parts& p, events e, core::logger log) : parts_(p), events_(std::move(e)), log_(std::move(log)) {}

  // The kept one, or another; and the domains' keys that were kept. The document is there. Again and again; ends with both, or by
  // cancellation.
  core::awaitable<void> obtain();
  [[nodiscard]] const identity::certificate* certificate() const noexcept { return own_ ? &own_->certificate : nullptr; }
  // A renewed one is assigned to it between two events. Null before the first.
  [[nodiscard]] const std::shared_ptr<identity::credential>& shared() const noexcept { return own_; }
  [[nodiscard]] domain_key_keeper& keys() noexcept { return *keys_; }  // since there is a certificate

  core::awaitable<void> keep();                // the certificate good; ends by cancellation
  core::awaitable<void> ask_for_first_keys();  // where none were kept
  void hear_revoked(const std::unordered_set<identity::node_id>& keys);
  // What it is configured to serve and can not, for people; nothing: it lacks nothing.
  [[nodiscard]] std::optional<std::string> lacks() const;

 private:
  core::awaitable<identity::credential> first();
  void open_keys();
  core::awaitable<core::result<identity::domain_keyring>> fetch_keys();
  core::awaitable<core::result<identity::credential>> other(identity::credential old, standing why);
  core::awaitable<void> use(identity::credential fresh);

  parts parts_;
  events events_;
  core::logger log_;
  std::shared_ptr<identity::credential> own_;
  std::unique_ptr<certificate_keeper> certificate_;
  std::unique_ptr<domain_key_keeper> keys_;
};

}  // namespace phyllo::node
