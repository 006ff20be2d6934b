#include "phyllo/enrollment/login_client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "form.hpp"
#include "https_client.hpp"
#include "login_exchange.hpp"
#include "login_terms.hpp"
#include "phyllo/identity/certificate_request.hpp"
#include "phyllo/identity/names.hpp"

namespace phyllo::enrollment {
namespace {

transport::http_request enrollment_post(const identity::private_key& key, const std::string& user, const std::string& password,
                                        const std::string& device, bool peer) {
  const auto csr = identity::make_certificate_request(key, user);
  const form fields{{"username", user},
                    {"password", password},
                    {"csr", std::string(core::as_text(csr))},
                    {"device", device},
                    {"role", std::string(peer ? peer_role : client_role)}};
  return form_post(fields, certificate_type);
}

// A bare host means the well-known path (RFC 6940 s.11.2).
std::string document_url(const std::string& url) {
  const auto u = transport::url::parse(url);
  if (!u || u->target != "/") return url;
  return url + std::string(configuration_path).substr(url.ends_with('/') ? 1 : 0);
}

core::awaitable<core::result<identity::parsed_configuration>> fetch_one(core::environment& env, client_options o, std::string url,
                                                                        core::time_point deadline) {
  transport::http_request r;
  r.headers["accept"] = document_type;
  const auto answer = co_await request_https(env, std::move(o), document_url(url), std::move(r), deadline);
  if (!answer) co_return core::fail(answer.error());
  if (answer->status != 200) co_return core::fail(errc::server_error, fmt::format("{}: status {}", url, answer->status));
  const std::vector<identity::certificate> no_others;  // the document brings its signer's certificate
  auto document = identity::parse_configuration(answer->body, no_others, env.wall_now());
  if (!document) co_return core::fail(document.error().at(url));
  co_return *std::move(document);
}

}  // namespace

core::awaitable<core::result<identity::credential>> enroll(core::environment& env, client_options o, std::string login_url,
                                                           std::string user, std::string password, std::string device, bool peer,
                                                           core::time_point deadline) {
  user = identity::canonical_user(user);
  if (!identity::valid_user(user)) co_return core::fail(errc::invalid_user, user + ": expected user@domain");
  const auto key = identity::private_key::generate();
  auto post = enrollment_post(key, user, password, device, peer);
  const auto answer = co_await request_https(env, std::move(o), std::move(login_url), std::move(post), deadline);
  if (!answer) co_return core::fail(answer.error());
  co_return read_certificate(*answer, key, user);
}

core::awaitable<core::result<identity::parsed_configuration>> fetch_configuration(core::environment& env, client_options o,
                                                                                  std::vector<std::string> bootstrap_urls,
                                                                                  core::time_point deadline) {
  core::result<identity::parsed_configuration> last = core::fail(errc::unreachable, "no bootstrap server is known");
  for (std::size_t i = 0; i < bootstrap_urls.size(); ++i) {
    const auto left = static_cast<core::duration::rep>(bootstrap_urls.size() - i);
    const auto until = std::min(deadline, env.now() + std::max<core::duration>((deadline - env.now()) / left, std::chrono::seconds(2)));
    last = co_await fetch_one(env, o, bootstrap_urls[i], until);
    if (last || env.now() >= deadline) break;
  }
  co_return last;
}

core::awaitable<core::result<supernode_list>> fetch_supernodes(core::environment& env, client_options o, std::string bootstrap_url,
                                                               const identity::trust& trust, core::time_point deadline) {
  const auto url = beside(bootstrap_url, supernodes_path);
  transport::http_request r;
  r.headers["accept"] = "application/json";
  const auto answer = co_await request_https(env, std::move(o), url, std::move(r), deadline);
  if (!answer) co_return core::fail(answer.error());
  if (answer->status != 200) co_return core::fail(errc::server_error, fmt::format("{}: status {}", url, answer->status));
  co_return parse_supernode_list(answer->body, trust, env.wall_now());
}

core::awaitable<core::result<std::string>> fetch_revocations(core::environment& env, client_options o, std::string bootstrap_url,
                                                             core::time_point deadline) {
  const auto url = beside(bootstrap_url, revocations_path);
  transport::http_request r;
  r.headers["accept"] = "application/octet-stream";
  auto answer = co_await request_https(env, std::move(o), url, std::move(r), deadline);
  if (!answer) co_return core::fail(answer.error());
  if (answer->status != 200) co_return core::fail(errc::server_error, fmt::format("{}: status {}", url, answer->status));
  co_return std::move(answer->body);
}

}  // namespace phyllo::enrollment
