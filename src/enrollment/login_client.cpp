#include "phyllo/enrollment/login_client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "form.hpp"
#include "https_client.hpp"
#include "login_terms.hpp"
#include "password.hpp"
#include "phyllo/identity/certificate_request.hpp"
#include "phyllo/identity/names.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::size_t boundary_bytes = 16;

transport::http_request enrollment_post(const identity::private_key& key, const identity::seal_key_pair& seal_key, const std::string& user,
                                        const std::string& password, const std::string& device, bool peer) {
  const auto csr = identity::make_certificate_request(key, user);
  const form fields{{"username", user},
                    {"password", password},
                    {"csr", std::string(core::as_text(csr))},
                    {"device", device},
                    {"role", std::string(peer ? peer_role : client_role)},
                    {"seal_key", core::to_base64(seal_key.public_key)}};
  const auto boundary = core::to_hex(random_bytes(boundary_bytes));
  transport::http_request r;
  r.method = "POST";
  r.headers["content-type"] = "multipart/form-data; boundary=" + boundary;
  r.headers["accept"] = certificate_type;
  r.body = print_multipart(fields, boundary);
  return r;
}

core::error refusal(const transport::http_response& r) {
  const auto token = std::string_view(r.body).substr(0, r.body.find_first_of("\r\n"));
  if (r.status == 403 && token == failed_authentication_token) return core::error(errc::failed_authentication);
  if (r.status == 403 && token == username_token) return core::error(errc::username_not_available);
  if (r.status == 403 && token == node_ids_token) return core::error(errc::node_ids_not_available);
  if (r.status == 403 && token == bad_csr_token) return core::error(errc::bad_csr);
  return core::error(errc::server_error, fmt::format("status {}", r.status));
}

std::unexpected<core::error> strange(std::string_view what) { return core::fail(errc::server_error, "200 with " + std::string(what)); }

bool certifies(const identity::certificate& c, const identity::private_key& key) {
  const auto probe = core::as_bytes("is this certificate for our key?");
  return c.verify(8, 7, probe, key.sign(probe)).has_value();
}

core::result<std::optional<identity::seal_key_pair>> domain_key_of(const transport::http_response& r, const identity::seal_key_pair& ours,
                                                                   const identity::node_id& node) {
  const auto header = r.headers.find(domain_key_header);
  if (header == r.headers.end()) return std::optional<identity::seal_key_pair>();
  const auto sealed = core::from_base64(header->second);
  if (!sealed) return strange("a domain key that is not base64");
  auto keys = identity::open(ours, domain_key_context(node), *sealed);
  if (!keys) return core::fail(keys.error().at("the domain key"));
  if (keys->size() != 2 * seal_key_bytes) return strange("a domain key of another length");
  const auto half = keys->begin() + seal_key_bytes;
  return identity::seal_key_pair{core::bytes(keys->begin(), half), core::bytes(half, keys->end())};
}

core::result<enrolled> read_answer(const transport::http_response& r, const identity::private_key& key,
                                   const identity::seal_key_pair& seal_key, const std::string& user) {
  if (r.status != 200) return core::fail(refusal(r));
  auto c = identity::certificate::from_der(core::as_bytes(r.body));
  if (!c) return strange(c.error().message());
  if (c->user() != user) return strange("a certificate for another user");
  if (!certifies(*c, key)) return strange("a certificate for another key");
  auto domain_key = domain_key_of(r, seal_key, c->node());
  if (!domain_key) return core::fail(domain_key.error());
  return enrolled{{*std::move(c), key}, *std::move(domain_key)};
}

// A bare host means the well-known path (RFC 6940 s.11.2).
std::string document_url(const std::string& url) {
  const auto u = transport::url::parse(url);
  if (!u || u->target != "/") return url;
  return url + std::string(configuration_path).substr(url.ends_with('/') ? 1 : 0);
}

// At the same server, whatever path the document has.
std::string list_url(const std::string& bootstrap_url) {
  const auto host = bootstrap_url.find("://");
  const auto path = host == std::string::npos ? host : bootstrap_url.find('/', host + 3);
  return bootstrap_url.substr(0, path) + std::string(supernodes_path);
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

core::awaitable<core::result<enrolled>> enroll(core::environment& env, client_options o, std::string login_url, std::string user,
                                               std::string password, std::string device, bool peer, core::time_point deadline) {
  user = identity::canonical_user(user);
  if (!identity::valid_user(user)) co_return core::fail(errc::invalid_user, user + ": expected user@domain");
  const auto key = identity::private_key::generate();
  const auto seal_key = identity::generate_seal_key();
  auto post = enrollment_post(key, seal_key, user, password, device, peer);
  const auto answer = co_await request_https(env, std::move(o), std::move(login_url), std::move(post), deadline);
  if (!answer) co_return core::fail(answer.error());
  co_return read_answer(*answer, key, seal_key, user);
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
  const auto url = list_url(bootstrap_url);
  transport::http_request r;
  r.headers["accept"] = "application/json";
  const auto answer = co_await request_https(env, std::move(o), url, std::move(r), deadline);
  if (!answer) co_return core::fail(answer.error());
  if (answer->status != 200) co_return core::fail(errc::server_error, fmt::format("{}: status {}", url, answer->status));
  co_return parse_supernode_list(answer->body, trust, env.wall_now());
}

}  // namespace phyllo::enrollment
