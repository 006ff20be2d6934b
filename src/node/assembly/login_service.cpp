#include "assembly/login_service.hpp"

#include <algorithm>
#include <thread>

#include "phyllo/core/backoff.hpp"
#include "phyllo/enrollment/domain_keys.hpp"
#include "settings/authority_settings.hpp"

namespace phyllo::node {
namespace {

constexpr auto look_at_bad_nodes_every = std::chrono::seconds(10);
constexpr auto duties_looked_at_every = std::chrono::milliseconds(200);

// One core stays for everything else: passwords can wait, calls can not.
unsigned scrypt_threads() {
  constexpr unsigned most = 4;
  const auto cores = std::thread::hardware_concurrency();
  return std::clamp(cores, 2u, most + 1) - 1;
}

enrollment::login_options login_options_of(const configuration& c) {
  enrollment::login_options o;
  static_cast<enrollment::login_settings&>(o) = c.login;
  o.overlay_name = c.overlay.name;
  o.scrypt_threads = scrypt_threads();
  return o;
}

}  // namespace

core::status login_service::open(const disk_watch& disk) {
  if (!parts_.settings.login.enabled) return {};
  auto accounts = enrollment::accounts::open(parts_.settings.in_data_directory(parts_.settings.login.database),
                                             parts_.settings.login.certificate_lifetime);
  if (!accounts) return core::fail(accounts.error());
  accounts_ = std::move(*accounts);
  settings_ = authority_settings_of(parts_.settings);
  auto authority = enrollment::open_overlay_authority(parts_.env, settings_);
  if (!authority) return core::fail(authority.error());
  authority_ = std::move(*authority);
  server_ = enrollment::login_server::create(parts_.env, login_options_of(parts_.settings), *accounts_, authority_->ca, parts_.trust,
                                             parts_.metrics, log_.of("login"));
  server_->refuse_while([&disk]() -> std::optional<std::string> {
    const auto why = disk.wrong();
    if (!why) return std::nullopt;
    return why->substr(why->rfind(": ") + 2);  // the system's words: strangers need no path
  });
  return {};
}

std::string login_service::signer() const { return authority_ ? authority_->signer.certificate.pem() : std::string(); }

void login_service::take_settings() {
  if (!authority_) return;
  settings_ = authority_settings_of(parts_.settings);
  server_->limit_attempts(parts_.settings.login.attempts_per_minute);
  if (duties_) duties_->look();
}

core::awaitable<identity::parsed_configuration> login_service::document() {
  core::backoff pause(parts_.env);
  while (true) {  // ends with a document, or by cancellation
    auto document = enrollment::current_document(parts_.env, settings_, *authority_);
    if (document) co_return std::move(*document);
    parts_.progress.waiting_for = "the configuration document: " + document.error().message();
    log_.error("{}", parts_.progress.waiting_for);
    const auto span = pause.next();
    co_await core::sleep_for(parts_.env, span);
  }
}

core::awaitable<identity::credential> login_service::credential() {
  core::backoff pause(parts_.env);
  while (true) {  // ends with a certificate, or by cancellation
    auto got = keep_or_enrol_with(parts_.env, parts_.settings, *authority_, *accounts_);
    if (got) co_return std::move(*got);
    parts_.progress.waiting_for = "waiting for a certificate: " + got.error().message();
    log_.warning("{}", parts_.progress.waiting_for);
    const auto span = pause.next();
    co_await core::sleep_for(parts_.env, span);
  }
}

core::result<identity::credential> login_service::enrol() { return enrol_with(parts_.env, parts_.settings, *authority_, *accounts_); }

core::result<identity::domain_keyring> login_service::keys_of(const std::vector<std::string>& domains) {
  rotate_for_bad_nodes();
  return enrollment::keyring_of(*accounts_, domains);
}

void login_service::rotate_for_bad_nodes() {
  if (parts_.env.now() < bad_nodes_looked_at_ + look_at_bad_nodes_every) return;
  bad_nodes_looked_at_ = parts_.env.now();
  auto nodes = enrollment::read_bad_nodes(settings_);
  if (!nodes) return;  // the document's upkeep says why
  if (auto done = accounts_->rotate_domain_keys_for(std::move(*nodes)); !done) log_.error("domain keys: {}", done.error().message());
}

void login_service::make_duties(overlay::peer& p, const identity::parsed_configuration& document,
                                std::function<void(const identity::parsed_configuration& document)> published) {
  if (!authority_) return;
  publisher_ = std::make_unique<enrollment::credential_publisher>(parts_.env, p, *accounts_, parts_.settings.login.domain_key_overlap,
                                                                  parts_.metrics, log_.of("login"));
  withdrawal_ = std::make_unique<enrollment::account_withdrawal>(
      parts_.env, p, *accounts_, [this](std::string user) { publisher_->publish_again(std::move(user)); }, log_.of("login"));
  const enrollment::authority_duties::parts needs{parts_.env, settings_, *accounts_, *authority_, parts_.trust, p};
  duties_ = std::make_unique<enrollment::authority_duties>(needs, document, std::move(published), log_.of("login"));
}

void login_service::begin_duties(core::task_scope& tasks) {
  if (!duties_) return;
  tasks.spawn(duties_->publish_documents());
  tasks.spawn(duties_->compare_documents());
  tasks.spawn(duties_->sign_revocations());
  tasks.spawn(withdrawal_->run());
  publisher_->start();
}

bool login_service::hear_of_document(const identity::parsed_configuration& document) {
  if (!duties_) return false;
  duties_->hear_of_document(document.text);
  return true;
}

core::awaitable<core::result<overlay::revocation_reach>> login_service::settle(std::int64_t change, std::function<std::string()> apart,
                                                                               core::time_point deadline) {
  if (!authority_) co_return core::fail(errc::refused, "this node is no login server");
  while (!duties_ && parts_.progress.state == node_state::joining && parts_.env.now() < deadline)
    co_await core::sleep_for(parts_.env, duties_looked_at_every);  // ends when it has joined, or then
  if (!duties_) co_return core::fail(errc::timed_out, apart());
  co_return co_await duties_->settle(change, std::move(apart), deadline);
}

void login_service::end() {
  if (duties_) duties_->end();
}

core::awaitable<void> login_service::stop() {
  if (publisher_) co_await publisher_->stop();
}

}  // namespace phyllo::node
