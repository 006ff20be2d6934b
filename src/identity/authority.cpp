#include <openssl/digest.h>
#include <openssl/nid.h>
#include <openssl/sha.h>

#include <array>
#include <cassert>
#include <chrono>

#include "boringssl.hpp"
#include "domain_authority.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/errc.hpp"
#include "reload_uri.hpp"
#include "subject_names.hpp"

namespace phyllo::identity {
namespace {

// A node whose clock is a little slow must not find a fresh authority "not yet valid".
constexpr auto clock_skew = std::chrono::hours(1);

void add_extension(X509* x, int nid, bool critical, core::byte_view der) {
  const auto e = make_extension(OBJ_nid2obj(nid), critical, der);
  must(X509_add_ext(x, e.get(), -1));
}

// RFC 5280 s.4.2.1.2: the SHA-1 of the subject's public key.
core::bytes key_identifier(X509* x) {
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
  unsigned size = 0;
  must(X509_pubkey_digest(x, EVP_sha1(), digest.data(), &size));
  return {digest.begin(), digest.begin() + size};
}

core::bytes wrapped(unsigned outer, unsigned inner, core::byte_view content) {
  bssl::ScopedCBB out;
  CBB child;
  CBB grandchild;
  must(CBB_init(out.get(), 64));
  must(CBB_add_asn1(out.get(), &child, outer));
  must(CBB_add_asn1(&child, &grandchild, inner));
  must(CBB_add_bytes(&grandchild, content.data(), content.size()));
  must(CBB_flush(out.get()));
  return {CBB_data(out.get()), CBB_data(out.get()) + CBB_len(out.get())};
}

core::bytes octet_string(core::byte_view content) {
  core::bytes der{0x04, static_cast<std::uint8_t>(content.size())};
  core::append(der, content);
  return der;
}

void make_authority(X509* x, std::string_view name, EVP_PKEY* key) {
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, core::as_bytes(name).data(), static_cast<int>(name.size()),
                                  -1, 0));
  must(X509_set_issuer_name(x, X509_get_subject_name(x)));
  must(X509_set_pubkey(x, key));
  constexpr std::uint8_t is_ca[] = {0x30, 0x03, 0x01, 0x01, 0xff};         // BasicConstraints { cA TRUE }
  constexpr std::uint8_t signs_certificates[] = {0x03, 0x02, 0x02, 0x04};  // KeyUsage keyCertSign
  add_extension(x, NID_basic_constraints, true, is_ca);
  add_extension(x, NID_key_usage, true, signs_certificates);
  add_extension(x, NID_subject_key_identifier, false, octet_string(key_identifier(x)));
}

bssl::UniquePtr<X509> blank(core::wall_time from, core::wall_time to) {
  bssl::UniquePtr<X509> x(must(X509_new()));
  must(X509_set_version(x.get(), 2));
  set_random_serial(x.get());
  set_validity(x.get(), from, to);
  return x;
}

}  // namespace

authority authority::create(std::string_view name, core::wall_time now, int years) {
  const auto key = private_key::generate();
  const auto x = blank(now - clock_skew, now + std::chrono::days(365) * years);
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
  const auto x = blank(r.not_before, r.not_after);
  must(X509_set_issuer_name(x.get(), X509_get_subject_name(certificate_.get())));
  must(X509_set_pubkey(x.get(), public_key));
  // The key identifier tells an authority from its successor of the same name.
  const auto issuer = key_identifier(certificate_.get());
  add_extension(x.get(), NID_authority_key_identifier, false, wrapped(CBS_ASN1_SEQUENCE, CBS_ASN1_CONTEXT_SPECIFIC | 0, issuer));
  const subject_names names{reload_uri{r.node, r.overlay}.text(), r.user};
  add_extension(x.get(), NID_subject_alt_name, true, names.encode());
  if (!r.domains.empty()) {
    const auto e = make_extension(domain_authority_oid().get(), false, encode_domain_authority(r.domains));
    must(X509_add_ext(x.get(), e.get(), -1));
  }
  must(X509_sign(x.get(), key_.get(), nullptr) > 0 ? 1 : 0);
  auto c = certificate::from_der(x509_der(x.get()));
  assert(c);  // whoever asks has checked the names
  return *std::move(c);
}

std::string authority::certificate_pem() const { return x509_pem(certificate_.get()); }
core::bytes authority::certificate_der() const { return x509_der(certificate_.get()); }
std::string authority::key_pem() const { return identity::key_pem(key_.get()); }

}  // namespace phyllo::identity
