#include "assembly/node_credential.hpp"

#include <fmt/format.h>

#include "assembly/enrollment.hpp"
#include "files/document_file.hpp"
#include "phyllo/enrollment/domain_keys.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace phyllo::node {

core::awaitable<identity::credential> node_credential::first() {
  if (parts_.login.enabled()) co_return co_await parts_.login.credential();
  co_return co_await await_credential(parts_.env, parts_.settings, parts_.document.in_force().content, log_.of("enrollment"),
                                      parts_.progress.listener());
}

core::awaitable<void> node_credential::obtain() {
  forget_useless_credential(parts_.settings, parts_.trust, parts_.env.wall_now());
  auto got = co_await first();
  own_ = std::make_shared<identity::credential>(std::move(got));
  log_.info("enrolled as node {}", own_->certificate.node().hex());
  events_.in_use(*own_);
  open_keys();
  certificate_ = std::make_unique<certificate_keeper>(
      parts_.env, parts_.trust, *own_, [this](identity::credential old, standing why) { return other(std::move(old), why); },
      [this](identity::credential fresh) { return use(std::move(fresh)); }, log_.of("enrollment"));
}

// The login server's own node has them beside it; the others ask the login server.
void node_credential::open_keys() {
  const bool own = parts_.login.enabled();
  const auto file = own ? std::string() : parts_.settings.in_data_directory("domain-keys");
  const auto every = own ? std::chrono::seconds(1) : enrollment::asked_for_every;
  keys_ = std::make_unique<domain_key_keeper>(parts_.env, file, every, [this] { return fetch_keys(); }, log_.of("keys"));
  keys_->load();
}

core::awaitable<void> node_credential::keep() { return certificate_->run(); }

core::awaitable<void> node_credential::ask_for_first_keys() {
  if (keys_->keys()->empty()) co_await keys_->refresh();
}

core::awaitable<core::result<identity::credential>> node_credential::other(identity::credential old, standing why) {
  if (why == standing::revoked || why == standing::foreign) forget_useless_credential(parts_.settings, parts_.trust, parts_.env.wall_now());
  if (parts_.login.enabled()) co_return parts_.login.enrol();
  co_return co_await try_renewal(parts_.env, parts_.settings, parts_.document.in_force().content, std::move(old));
}

// Of the same Node-ID and user only what is signed from now on changes. With another Node-ID this is another node, which joins anew.
core::awaitable<void> node_credential::use(identity::credential fresh) {
  if (fresh.certificate.node() != own_->certificate.node()) {
    log_.warning("enrolled anew, as node {} now: it leaves its place in the ring and joins again", fresh.certificate.node().hex());
    events_.start_again();
    co_return;
  }
  *own_ = std::move(fresh);
  events_.in_use(*own_);
  log_.info("certificate renewed");
  co_await keys_->refresh();  // it may say other domains
  events_.renewed();
}

core::awaitable<core::result<identity::domain_keyring>> node_credential::fetch_keys() {
  if (parts_.login.enabled()) co_return parts_.login.keys_of(own_->certificate.domains());
  if (own_->certificate.domains().empty()) co_return identity::domain_keyring();
  auto keys = co_await try_domain_keys(parts_.env, parts_.settings, parts_.document.in_force().content, *own_);
  if (!keys && keys.error() == enrollment::errc::failed_authentication && certificate_) certificate_->mistrust();
  co_return keys;
}

void node_credential::hear_revoked(const std::unordered_set<identity::node_id>& keys) {
  if (!certificate_) return;
  const auto& own = own_->certificate;
  if (keys.contains(own.node()) || keys.contains(own.user_key()) || keys.contains(identity::outdated_user(own.user())))
    certificate_->look();
}

std::optional<std::string> node_credential::lacks() const {
  if (certificate_) {
    if (auto wrong = certificate_->wrong()) return wrong;
  }
  const auto& c = parts_.settings;
  if (!own_ || !c.sip.enabled) return std::nullopt;
  for (const auto& d : c.node.domains) {
    if (!own_->certificate.has_authority(d)) {
      return fmt::format(
          "the account {0} has no authority for {1} (node.domains); at the login server: supernode user change {0} --authority {1}",
          c.node.user, d);
    }
    if (keys_ == nullptr || keys_->keys()->newest(d) == 0) return fmt::format("the key of {} has not come from the login server yet", d);
  }
  return std::nullopt;
}

}  // namespace phyllo::node
