// Requests to the login server that a node's certificate authorises.
#include "certified_request.hpp"
#include "https_client.hpp"
#include "login_exchange.hpp"
#include "login_terms.hpp"
#include "phyllo/identity/certificate_request.hpp"

namespace phyllo::enrollment {

core::awaitable<core::result<identity::credential>> renew(core::environment& env, client_options o, std::string login_url,
                                                          identity::credential old, core::time_point deadline) {
  const auto key = identity::private_key::generate();
  const auto user = old.certificate.user();
  const auto csr = identity::make_certificate_request(key, user);
  const auto fields = certified_form(old, renew_path, csr, env.wall_now());
  auto post = form_post(fields, certificate_type);
  const auto answer = co_await request_https(env, std::move(o), beside(login_url, renew_path), std::move(post), deadline);
  if (!answer) co_return core::fail(answer.error());
  auto renewed = read_certificate(*answer, key, user);
  if (renewed && renewed->certificate.node() != old.certificate.node())
    co_return core::fail(errc::server_error, "200 with a certificate for another node");
  co_return renewed;
}

core::awaitable<core::result<identity::domain_keyring>> fetch_domain_keys(core::environment& env, client_options o, std::string login_url,
                                                                          identity::credential by, core::time_point deadline) {
  const auto ours = identity::generate_seal_key();
  const auto fields = certified_form(by, domain_keys_path, ours.public_key, env.wall_now());
  auto post = form_post(fields, sealed_type);
  const auto answer = co_await request_https(env, std::move(o), beside(login_url, domain_keys_path), std::move(post), deadline);
  if (!answer) co_return core::fail(answer.error());
  if (answer->status != 200) co_return core::fail(refusal(*answer));
  const auto text = identity::open(ours, domain_keys_context(by.certificate.node()), core::as_bytes(answer->body));
  if (!text) co_return core::fail(text.error().at("the domain keys"));
  co_return identity::domain_keyring::parse(core::as_text(*text));
}

}  // namespace phyllo::enrollment
