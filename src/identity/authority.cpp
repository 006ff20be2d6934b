#include <openssl/nid.h>

#include <fmt/format.h>

#include <chrono>

#include "boringssl.hpp"
#include "certificate_policies.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/names.hpp"
#include "reload_uri.hpp"
#include "subject_names.hpp"
#include "x509_builder.hpp"

namespace phyllo::identity {

std::optional<std::string> authority_flaw(const std::vector<std::string>& domains) {
  if (domains.size() > authority_domains_max) {
    return fmt::format("authority for {} domains, where a certificate has room for {}: make a second account", domains.size(),
                       authority_domains_max);
  }
  std::size_t characters = 0;
  for (const auto& d : domains) {
    if (!valid_domain(d)) return d + ": expected a domain in lower case";
    characters += d.size();
  }
  if (characters <= authority_characters_max) return std::nullopt;
  return fmt::format("the domains' names have {} characters, where a certificate has room for {}: make a second account", characters,
                     authority_characters_max);
}

authority authority::create(std::string_view name, core::wall_time now, int years) {
  const auto key = private_key::generate();
  const auto x = blank_x509(now - clock_skew, now + std::chrono::days(365) * years);
  make_authority(x.get(), name, key.native());
  must(X509_sign(x.get(), key.native(), nullptr) > 0 ? 1 : 0);
  EVP_PKEY_up_ref(key.native());
  authority a;
  a.certificate_ = share(must(x509_from_der(x509_der(x.get())).release()));
  a.key_ = share(key.native());
  return a;
}

core::result<authority> authority::from_pem(std::string_view certificate, std::string_view key) {
  auto x = x509_from_pem(certificate);
  if (!x) return core::fail(errc::malformed_certificate, "no certificate in PEM");
  if (X509_check_ca(x.get()) != 1) return core::fail(errc::malformed_certificate, "not a certificate authority's");
  auto k = private_key::from_pem(key);
  if (!k) return core::fail(k.error());
  if (X509_check_private_key(x.get(), k->native()) != 1) {
    (void)library_error();
    return core::fail(errc::malformed_key, "the key is not the certificate's");
  }
  EVP_PKEY_up_ref(k->native());
  authority a;
  a.certificate_ = share(x.release());
  a.key_ = share(k->native());
  return a;
}

core::result<certificate> authority::issue(const request& r, evp_pkey_st* public_key) const {
  if (auto flaw = authority_flaw(r.domains)) return core::fail(errc::malformed_certificate, *std::move(flaw));
  const auto x = blank_x509(r.not_before, r.not_after);
  set_issuer(x.get(), certificate_.get());
  must(X509_set_pubkey(x.get(), public_key));
  const subject_names names{reload_uri{r.node, r.overlay}.text(), r.user};
  add_extension(x.get(), NID_subject_alt_name, true, names.encode());
  const certificate_policies policies{r.domains, r.peer};
  if (!policies.empty()) add_extension(x.get(), NID_certificate_policies, false, policies.encode());
  must(X509_sign(x.get(), key_.get(), nullptr) > 0 ? 1 : 0);
  return certificate::from_der(x509_der(x.get()));  // and so whatever readers refuse is not issued
}

std::string authority::certificate_pem() const { return x509_pem(certificate_.get()); }
core::bytes authority::certificate_der() const { return x509_der(certificate_.get()); }
std::string authority::key_pem() const { return identity::key_pem(key_.get()); }

}  // namespace phyllo::identity
