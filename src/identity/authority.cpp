#include <openssl/nid.h>

#include <cassert>
#include <chrono>

#include "boringssl.hpp"
#include "certificate_policies.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/errc.hpp"
#include "reload_uri.hpp"
#include "subject_names.hpp"
#include "x509_builder.hpp"

namespace phyllo::identity {

authority authority::create(std::string_view name, core::wall_time now, int years) {
  const auto key = private_key::generate();
  const auto x = blank_x509(now - clock_skew, now + std::chrono::days(365) * years);
  make_authority(x.get(), name, key.native());
  must(X509_sign(x.get(), key.native(), nullptr) > 0 ? 1 : 0);
  auto a = from_pem(x509_pem(x.get()), key.pem());
  assert(a);
  return *std::move(a);
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

certificate authority::issue(const request& r, evp_pkey_st* public_key) const {
  const auto x = blank_x509(r.not_before, r.not_after);
  set_issuer(x.get(), certificate_.get());
  must(X509_set_pubkey(x.get(), public_key));
  const subject_names names{reload_uri{r.node, r.overlay}.text(), r.user};
  add_extension(x.get(), NID_subject_alt_name, true, names.encode());
  const certificate_policies policies{r.domains, r.peer};
  if (!policies.empty()) add_extension(x.get(), NID_certificate_policies, false, policies.encode());
  must(X509_sign(x.get(), key_.get(), nullptr) > 0 ? 1 : 0);
  auto c = certificate::from_der(x509_der(x.get()));
  assert(c);  // whoever asks has checked the names
  return *std::move(c);
}

std::string authority::certificate_pem() const { return x509_pem(certificate_.get()); }
core::bytes authority::certificate_der() const { return x509_der(certificate_.get()); }
std::string authority::key_pem() const { return identity::key_pem(key_.get()); }

}  // namespace phyllo::identity
