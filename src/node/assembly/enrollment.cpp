#include "assembly/enrollment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "files/credential_file.hpp"
#include "files/document_file.hpp"
#include "files/web_files.hpp"
#include "phyllo/core/backoff.hpp"
#include "phyllo/disk/private_file.hpp"
#include "phyllo/identity/revocation.hpp"
#include "settings/ladder_settings.hpp"

namespace phyllo::node {
namespace {

constexpr auto attempt = std::chrono::seconds(10);

std::string device_of(const configuration& c) {
  if (!c.node.device.empty()) return c.node.device;
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("{}/{}", host.data(), c.node.address);
}

core::result<std::string> password_of(const configuration& c) {
  const auto content = disk::read_file(c.node.password_file);
  if (!content) return core::fail(content.error());
  if (!*content) return core::fail(disk::errc::io, fmt::format("{}: there is no such file (node.password_file)", c.node.password_file));
  auto line = (*content)->substr(0, (*content)->find('\n'));
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

bool is_peer(const configuration& c) { return c.node.role == "supernode"; }

bool fits(const identity::credential& e, const configuration& c, core::wall_time until) {
  const auto& certificate = e.certificate;
  return certificate.overlay() == c.overlay.name && certificate.user() == c.node.user && certificate.not_after() > until &&
         certificate.may_be_peer() == is_peer(c);
}

// Authority may have been given while the node was away.
bool serves_all(const identity::certificate& own, const configuration& c) {
  return std::ranges::all_of(c.node.domains, [&](const std::string& d) { return own.has_authority(d); });
}

// The login server's node is entitled to what its configuration says; whose its Node-ID is, and from when on its certificate counts, its
// accounts say: they may be those of a backup.
bool up_to_date(const identity::certificate& own, const configuration& c, enrollment::accounts& accounts) {
  const auto owner = accounts.owner_of(own.node());
  const auto from = accounts.fresh_from(c.node.user);
  const bool known = owner && owner->account.user == c.node.user;
  return known && from && identity::issued_second(own) >= *from && own.domains().size() == c.node.domains.size() && serves_all(own, c);
}

}  // namespace

// The anchors are read at each attempt: in a ring that starts at once their file may not be there yet.
core::result<enrollment::client_options> client_options_of(const configuration& c, enrollment::time_listener hear) {
  enrollment::client_options o;
  o.hear_time = std::move(hear);
  o.bind = asio::ip::make_address(c.node.address);
  o.ladder = ladder_options_of(c);
  auto anchors = read_anchors(c.bootstrap.anchors, "bootstrap.anchors");
  if (!anchors) return core::fail(anchors.error());
  o.anchors_pem = std::move(*anchors);
  return o;
}

core::awaitable<core::result<identity::parsed_configuration>> try_document(core::environment& env, const configuration& c,
                                                                           enrollment::time_listener hear) {
  const auto options = client_options_of(c, std::move(hear));
  if (!options) co_return core::fail(options.error());
  co_return co_await enrollment::fetch_configuration(env, *options, c.bootstrap.urls, env.now() + attempt);
}

core::awaitable<identity::parsed_configuration> await_document(core::environment& env, const configuration& c, core::logger log, hint tell,
                                                               enrollment::time_listener hear) {
  core::backoff pause(env);
  while (true) {  // ends with a document, or by cancellation
    auto document = co_await try_document(env, c, hear);
    core::status good;
    if (!document) good = core::fail(document.error());
    if (document) good = may_adopt(c, *document, env.wall_now());
    if (good) co_return std::move(*document);
    const auto why = good.error().message();
    if (auto kept = kept_document(c, env.wall_now())) {
      log.warning("the configuration document kept on disk serves: {}", why);
      co_return std::move(*kept);
    }
    log.warning("no configuration document yet: {}", why);
    tell("waiting for the configuration document: " + why);
    const auto span = pause.next();
    co_await core::sleep_for(env, span);
  }
}

core::awaitable<core::result<identity::credential>> try_enrollment(core::environment& env, const configuration& c,
                                                                   identity::configuration document) {
  const auto options = client_options_of(c);
  if (!options) co_return core::fail(options.error());
  const auto password = password_of(c);
  if (!password) co_return core::fail(password.error());
  const auto device = device_of(c);
  core::result<identity::credential> got = core::fail(errc::refused, "the configuration document names no login server");
  for (const auto& url : document.enrollment_servers) {
    got = co_await enrollment::enroll(env, *options, url, c.node.user, *password, device, is_peer(c), env.now() + attempt);
    if (!got) continue;
    if (auto kept = save_credential(c, *got); !kept) co_return core::fail(kept.error());
    break;
  }
  co_return got;
}

core::awaitable<core::result<identity::credential>> try_renewal(core::environment& env, const configuration& c,
                                                                identity::configuration document, identity::credential old) {
  const auto options = client_options_of(c);
  if (!options) co_return core::fail(options.error());
  core::result<identity::credential> got = core::fail(errc::refused, "the configuration document names no login server");
  for (const auto& url : document.enrollment_servers) {
    got = co_await enrollment::renew(env, *options, url, old, env.now() + attempt);
    if (!got) continue;
    if (auto kept = save_credential(c, *got); !kept) co_return core::fail(kept.error());
    co_return got;
  }
  if (got.error() == enrollment::errc::unreachable) co_return got;  // a password would not get there either
  co_return co_await try_enrollment(env, c, std::move(document));
}

core::awaitable<core::result<identity::domain_keyring>> try_domain_keys(core::environment& env, const configuration& c,
                                                                        identity::configuration document, identity::credential by) {
  const auto options = client_options_of(c);
  if (!options) co_return core::fail(options.error());
  core::result<identity::domain_keyring> got = core::fail(errc::refused, "the configuration document names no login server");
  for (const auto& url : document.enrollment_servers) {
    got = co_await enrollment::fetch_domain_keys(env, *options, url, by, env.now() + attempt);
    if (got) break;
  }
  co_return got;
}

core::awaitable<identity::credential> await_credential(core::environment& env, const configuration& c, identity::configuration document,
                                                       core::logger log, hint tell) {
  auto kept = load_credential(c);
  const auto now = env.wall_now();
  const bool usable = kept && *kept && fits(**kept, c, now);
  if (usable && now < renewal_time((*kept)->certificate) && serves_all((*kept)->certificate, c)) co_return std::move(**kept);
  core::backoff pause(env);
  while (true) {  // ends with a certificate, or by cancellation
    core::result<identity::credential> got = core::fail(errc::refused);
    if (usable) {
      got = co_await try_renewal(env, c, document, **kept);
    } else {
      got = co_await try_enrollment(env, c, document);
    }
    if (got) co_return std::move(*got);
    log.warning("not enrolled as {} yet: {}", c.node.user, got.error().message());
    if (usable) co_return std::move(**kept);
    tell("waiting for a certificate: " + got.error().message());
    const auto span = pause.next();
    co_await core::sleep_for(env, span);
  }
}

core::result<identity::credential> keep_or_enrol_with(core::environment& env, const configuration& c,
                                                      const enrollment::overlay_authority& a, enrollment::accounts& accounts) {
  auto kept = load_credential(c);
  if (!kept) return core::fail(kept.error());
  const auto now = env.wall_now();
  const bool good = *kept && fits(**kept, c, now) && up_to_date((*kept)->certificate, c, accounts);
  if (good && now < renewal_time((*kept)->certificate)) return std::move(**kept);
  return enrol_with(env, c, a, accounts);
}

core::result<identity::credential> enrol_with(core::environment& env, const configuration& c, const enrollment::overlay_authority& a,
                                              enrollment::accounts& accounts) {
  const auto now = env.wall_now();
  const auto until = now + c.login.certificate_lifetime;
  const auto id = accounts.node_id_for({c.node.user, device_of(c), is_peer(c), now, until}, c.login.node_ids);
  if (!id) return core::fail(id.error().at("node.user " + c.node.user + " (make the account with: supernode user add)"));
  const auto begin = enrollment::not_before_of(accounts, c.node.user, now);
  if (!begin) return core::fail(begin.error());
  auto key = identity::private_key::generate();
  const identity::authority::request r{*id, c.node.user, c.overlay.name, c.node.domains, *begin, until, is_peer(c)};
  auto certificate = a.ca.issue(r, key.native());
  if (!certificate) return core::fail(certificate.error());
  identity::credential e{*std::move(certificate), std::move(key)};
  if (auto done = save_credential(c, e); !done) return core::fail(done.error());
  return e;
}

}  // namespace phyllo::node
