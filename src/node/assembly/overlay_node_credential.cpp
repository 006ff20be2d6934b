// A node's certificate and its domains' keys while it runs, and whether it has what it is configured to serve.
#include <fmt/format.h>

#include "assembly/overlay_node.hpp"
#include "files/document_file.hpp"
#include "phyllo/core/backoff.hpp"
#include "phyllo/enrollment/domain_keys.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace phyllo::node {
namespace {

constexpr auto look_at_bad_nodes_every = std::chrono::seconds(10);
constexpr auto look_at_readiness_every = std::chrono::seconds(1);

}  // namespace

core::awaitable<identity::credential> overlay_node::obtain_credential() {
  hint tell = [this](std::string why) { waiting_for_ = std::move(why); };
  if (!authority_) co_return co_await await_credential(env_, configuration_, document_->content, log_.of("enrolment"), std::move(tell));
  core::backoff pause(env_);
  while (true) {  // ends with a certificate, or by cancellation
    auto got = keep_or_enrol_with(env_, configuration_, *authority_, *accounts_);
    if (got) co_return std::move(*got);
    tell("waiting for a certificate: " + got.error().message());
    log_.warning("{}", waiting_for_);
    const auto span = pause.next();
    co_await core::sleep_for(env_, span);
  }
}

void overlay_node::keep_certificate() {
  certificate_ = std::make_unique<certificate_keeper>(
      env_, trust_, *enrolled_, [this](identity::credential old, standing why) { return other_credential(std::move(old), why); },
      [this](identity::credential fresh) { return use_credential(std::move(fresh)); }, log_.of("enrolment"));
  tasks_.spawn(certificate_->run());
}

core::awaitable<core::result<identity::credential>> overlay_node::other_credential(identity::credential old, standing why) {
  if (why == standing::revoked || why == standing::foreign) forget_useless_credential(configuration_, trust_, env_.wall_now());
  if (authority_) co_return enrol_with(env_, configuration_, *authority_, *accounts_);
  co_return co_await try_renewal(env_, configuration_, document_->content, std::move(old));
}

// Of the same Node-ID and user only what is signed from now on changes. With another Node-ID this is another node, which joins anew.
core::awaitable<void> overlay_node::use_credential(identity::credential fresh) {
  if (fresh.certificate.node() != enrolled_->certificate.node()) {
    log_.warning("enrolled anew, as node {} now: it leaves its place in the ring and joins again", fresh.certificate.node().hex());
    events_.start_again();
    co_return;
  }
  enrolled_ = std::move(fresh);
  *credential_ = *enrolled_;
  host_->replace_credential(std::make_shared<identity::credential>(*enrolled_));
  log_.info("certificate renewed");
  co_await keys_->refresh();  // it may say other domains
  if (proxy_location_) proxy_location_->publish_now();
}

// Those that the operator has listed: an account that is removed rotates its domains' keys with that.
void overlay_node::rotate_for_bad_nodes() {
  if (env_.now() < bad_nodes_looked_at_ + look_at_bad_nodes_every) return;
  bad_nodes_looked_at_ = env_.now();
  auto nodes = enrollment::read_bad_nodes(authority_settings_);
  if (!nodes) return;  // the document's upkeep says why
  if (auto done = accounts_->rotate_domain_keys_for(std::move(*nodes)); !done) log_.error("domain keys: {}", done.error().message());
}

core::awaitable<core::result<identity::domain_keyring>> overlay_node::fetch_keys() {
  if (authority_) rotate_for_bad_nodes();
  if (authority_) co_return enrollment::keyring_of(*accounts_, enrolled_->certificate.domains());
  if (enrolled_->certificate.domains().empty()) co_return identity::domain_keyring();
  auto keys = co_await try_domain_keys(env_, configuration_, document_->content, *enrolled_);
  if (!keys && keys.error() == enrollment::errc::failed_authentication && certificate_) certificate_->mistrust();
  co_return keys;
}

std::optional<std::string> overlay_node::lacks() const {
  if (certificate_) {
    if (auto wrong = certificate_->wrong()) return wrong;
  }
  if (!enrolled_ || !configuration_.sip.enabled) return std::nullopt;
  for (const auto& d : configuration_.node.domains) {
    if (!enrolled_->certificate.has_authority(d)) {
      return fmt::format(
          "the account {0} has no authority for {1} (node.domains); at the login server: supernode user change {0} --authority {1}",
          configuration_.node.user, d);
    }
    if (keys_ == nullptr || keys_->keys()->newest(d) == 0) return fmt::format("the key of {} has not come from the login server yet", d);
  }
  return std::nullopt;
}

// In the ring and ready are two things: what a node lacks may be given and taken at any time.
core::awaitable<void> overlay_node::watch_readiness() {
  std::optional<std::string> told;
  bool was_ready = false;
  while (true) {  // ends by cancellation
    const auto why = lacks();
    const bool is_ready = !why;
    if (is_ready && !was_ready) log_.info("ready");
    if (!is_ready && (was_ready || !told || *told != *why)) log_.warning("in the ring, and not ready: {}", *why);
    if (is_ready != was_ready || told != why) events_.readiness(why);
    was_ready = is_ready;
    told = why;
    co_await core::sleep_for(env_, look_at_readiness_every);
  }
}

}  // namespace phyllo::node
