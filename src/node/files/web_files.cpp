#include "files/web_files.hpp"

#include <fmt/format.h>

#include "phyllo/disk/private_file.hpp"
#include "phyllo/identity/certificate_facts.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "phyllo/transport/http.hpp"

namespace phyllo::node {
namespace {

constexpr auto validity = std::chrono::days(3650);

core::result<std::string> required(const std::string& path, const char* key) {
  auto content = disk::read_file(path);
  if (!content) return core::fail(errc::configuration, fmt::format("{}: {}", key, content.error().detail()));
  if (!*content)
    return core::fail(errc::configuration, fmt::format("{}: {}: there is no such file; put it there, or name another", key, path));
  return std::move(**content);
}

std::string own_chain_file(const configuration& c) { return c.in_data_directory("web-certificate.pem"); }
std::string own_key_file(const configuration& c) { return c.in_data_directory("web-key.pem"); }

std::vector<std::string> names_of(const configuration& c) {
  std::vector<std::string> names;
  if (!c.node.advertised_address.empty()) names.push_back(c.node.advertised_address);
  if (c.node.address != c.node.advertised_address && !asio::ip::make_address(c.node.address).is_unspecified())
    names.push_back(c.node.address);
  names.insert(names.end(), c.node.domains.begin(), c.node.domains.end());
  if (names.empty()) names.emplace_back("localhost");  // an ordinary node that binds no address of its own: nobody asks for it
  return names;
}

}  // namespace

std::vector<std::string> host_names_of(const configuration& c, const std::string& chain_pem) {
  std::vector<std::string> names;
  if (const auto facts = identity::facts_of_pem(chain_pem)) names = facts->names;
  for (const auto& text : c.bootstrap.urls) {
    if (const auto url = transport::url::parse(text)) names.push_back(url->host);
  }
  return names;
}

core::result<std::vector<std::string>> read_anchors(const std::vector<std::string>& paths, const char* key) {
  std::vector<std::string> out;
  for (const auto& path : paths) {
    auto pem = required(path, key);
    if (!pem) return core::fail(pem.error());
    if (auto good = transport::check_anchors({*pem}); !good)
      return core::fail(errc::configuration, fmt::format("{}: {}: {}; name a PEM file that begins with -----BEGIN CERTIFICATE-----", key,
                                                         path, good.error().detail()));
    out.push_back(std::move(*pem));
  }
  return out;
}

core::result<std::optional<transport::web_certificate>> read_web_certificate(const configuration& c) {
  using found = std::optional<transport::web_certificate>;
  if (!c.tls.certificate.empty()) {
    auto chain = required(c.tls.certificate, "tls.certificate");
    auto key = required(c.tls.key, "tls.key");
    if (!chain && !key) return core::fail(errc::configuration, chain.error().detail() + "\n" + key.error().detail());
    if (!chain) return core::fail(chain.error());
    if (!key) return core::fail(key.error());
    return found(transport::web_certificate{std::move(*chain), std::move(*key)});
  }
  auto chain = disk::read_file(own_chain_file(c));
  if (!chain) return core::fail(chain.error());
  auto key = disk::read_file(own_key_file(c));
  if (!key) return core::fail(key.error());
  if (!*chain || !*key) return found();
  return found(transport::web_certificate{std::move(**chain), std::move(**key)});
}

core::result<transport::web_certificate> open_web_certificate(core::environment& env, const configuration& c) {
  auto there = read_web_certificate(c);
  if (!there) return core::fail(there.error());
  if (*there) return *std::move(*there);
  auto made = identity::make_web_certificate(names_of(c), env.wall_now(), validity);
  // The key first: a certificate that others take for their anchor must never be without one.
  if (auto done = disk::write_private_file(own_key_file(c), made.key_pem); !done) return core::fail(done.error());
  if (auto done = disk::write_private_file(own_chain_file(c), made.certificate_pem); !done) return core::fail(done.error());
  return transport::web_certificate{std::move(made.certificate_pem), std::move(made.key_pem)};
}

}  // namespace phyllo::node
