#include "files/credential_file.hpp"

#include "phyllo/disk/private_file.hpp"
#include "phyllo/identity/certificate_facts.hpp"

namespace phyllo::node {

core::result<std::optional<identity::credential>> load_credential(const configuration& c) {
  using found = std::optional<identity::credential>;
  const auto pem = disk::read_file(c.in_data_directory("node.pem"));
  if (!pem) return core::fail(pem.error());
  if (!*pem) return found();
  auto certificate = identity::certificate::from_pem(**pem);
  auto key = identity::private_key::from_pem(**pem);
  if (!certificate || !key || !identity::key_fits(**pem)) return found();
  return found(identity::credential{std::move(*certificate), std::move(*key)});
}

core::status save_credential(const configuration& c, const identity::credential& e) {
  return disk::write_private_file(c.in_data_directory("node.pem"), e.certificate.pem() + e.key.pem());
}

core::wall_time renewal_time(const identity::certificate& c) { return c.not_before() + (c.not_after() - c.not_before()) * 2 / 3; }

core::wall_time renewal_time(const identity::certificate& c, core::wall_time now) {
  const auto regular = renewal_time(c);
  return regular > now ? regular : now + (c.not_after() - now) * 2 / 3;
}

}  // namespace phyllo::node
