#include "credential_file.hpp"

#include "data_directory.hpp"
#include "overlay_authority.hpp"

namespace phyllo::node {

core::result<std::optional<enrollment::enrolled>> load_credential(const configuration& c) {
  using found = std::optional<enrollment::enrolled>;
  const auto pem = read_file(c.in_data_directory("node.pem"));
  if (!pem) return core::fail(pem.error());
  const auto domain_key = read_file(c.in_data_directory("domain.key"));
  if (!domain_key) return core::fail(domain_key.error());
  if (!*pem) return found();
  auto certificate = identity::certificate::from_pem(**pem);
  auto key = identity::private_key::from_pem(**pem);
  if (!certificate || !key) return found();
  enrollment::enrolled e{{std::move(*certificate), std::move(*key)}, {}};
  if (*domain_key) e.domain_key = parse_seal_key(**domain_key);
  return found(std::move(e));
}

core::status save_credential(const configuration& c, const enrollment::enrolled& e) {
  if (e.domain_key) {
    if (auto done = write_private_file(c.in_data_directory("domain.key"), print_seal_key(*e.domain_key)); !done) return done;
  }
  return write_private_file(c.in_data_directory("node.pem"), e.credential.certificate.pem() + e.credential.key.pem());
}

core::wall_time renewal_time(const identity::certificate& c) { return c.not_before() + (c.not_after() - c.not_before()) * 2 / 3; }

core::wall_time renewal_time(const identity::certificate& c, core::wall_time now) {
  const auto regular = renewal_time(c);
  return regular > now ? regular : now + (c.not_after() - now) * 2 / 3;
}

}  // namespace phyllo::node
