#include "phyllo/enrollment/overlay_authority.hpp"

#include <fmt/format.h>

#include "phyllo/disk/private_directory.hpp"
#include "phyllo/disk/private_file.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace phyllo::enrollment {
namespace {

// The authority outlives every certificate it issues; the signer ends a little before it.
constexpr int authority_years = 20;
constexpr auto signer_validity = std::chrono::days(365) * (authority_years - 1);

// One that is none of the reserved ones.
identity::node_id random_node_id(core::environment& env) {
  identity::node_id id;
  do {  // ends at once but for two of 2^128
    env.random(id.octets);
  } while (id.reserved());
  return id;
}

std::string ca_file(const authority_settings& s, const char* name) { return s.directory + "/" + name; }

std::unexpected<core::error> unusable(const std::string& path, const core::error& e) {
  return core::fail(errc::configuration, fmt::format("{}: {}", path, e.message()));
}

core::result<identity::authority> open_ca(core::environment& env, const authority_settings& s) {
  const auto path = ca_file(s, "ca.pem");
  const auto kept = disk::read_file(path);
  if (!kept) return core::fail(kept.error());
  if (*kept) {
    auto ca = identity::authority::from_pem(**kept, **kept);
    if (!ca) return unusable(path, ca.error());
    return ca;
  }
  auto ca = identity::authority::create(s.overlay, env.wall_now(), authority_years);
  if (auto done = disk::write_private_file(path, ca.certificate_pem() + ca.key_pem()); !done) return core::fail(done.error());
  return ca;
}

core::result<identity::credential> open_signer(core::environment& env, const authority_settings& s, const identity::authority& ca) {
  const auto path = ca_file(s, "signer.pem");
  const auto kept = disk::read_file(path);
  if (!kept) return core::fail(kept.error());
  if (*kept) {
    auto certificate = identity::certificate::from_pem(**kept);
    if (!certificate) return unusable(path, certificate.error());
    auto key = identity::private_key::from_pem(**kept);
    if (!key) return unusable(path, key.error());
    return identity::credential{std::move(*certificate), std::move(*key)};
  }
  auto key = identity::private_key::generate();
  const auto now = env.wall_now();
  const identity::authority::request r{
      random_node_id(env),  "configuration-signer@" + s.overlay, s.overlay, {}, now - identity::certificates_dated_back,
      now + signer_validity};
  auto certificate = ca.issue(r, key.native());
  if (!certificate) return unusable(path, certificate.error());
  if (auto done = disk::write_private_file(path, certificate->pem() + key.pem()); !done) return core::fail(done.error());
  return identity::credential{*std::move(certificate), std::move(key)};
}

}  // namespace

core::result<overlay_authority> open_overlay_authority(core::environment& env, const authority_settings& s) {
  if (auto done = disk::make_private_directory(s.directory); !done) return core::fail(done.error());
  auto ca = open_ca(env, s);
  if (!ca) return core::fail(ca.error());
  auto signer = open_signer(env, s, *ca);
  if (!signer) return core::fail(signer.error());
  return overlay_authority{std::move(*ca), std::move(*signer)};
}

}  // namespace phyllo::enrollment
