#include "x509_builder.hpp"

#include <openssl/digest.h>
#include <openssl/nid.h>
#include <openssl/sha.h>

#include <array>

#include "subject_names.hpp"

namespace phyllo::identity {
namespace {

constexpr std::size_t common_name_max = 64;

// RFC 5280 s.4.2.1.2: the SHA-1 of the subject's public key.
core::bytes key_identifier(X509* x) {
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
  unsigned size = 0;
  must(X509_pubkey_digest(x, EVP_sha1(), digest.data(), &size));
  return {digest.begin(), digest.begin() + size};
}

// AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] OCTET STRING } (RFC 5280 s.4.2.1.1)
core::bytes authority_key_identifier(core::byte_view id) {
  const auto size = static_cast<std::uint8_t>(id.size());
  core::bytes der{0x30, static_cast<std::uint8_t>(size + 2), 0x80, size};
  core::append(der, id);
  return der;
}

core::bytes octet_string(core::byte_view content) {
  core::bytes der{0x04, static_cast<std::uint8_t>(content.size())};
  core::append(der, content);
  return der;
}

}  // namespace

bssl::UniquePtr<X509> blank_x509(core::wall_time from, core::wall_time to) {
  bssl::UniquePtr<X509> x(must(X509_new()));
  must(X509_set_version(x.get(), 2));
  set_random_serial(x.get());
  set_validity(x.get(), from, to);
  return x;
}

void add_extension(X509* x, int nid, bool critical, core::byte_view der) {
  const auto e = make_extension(OBJ_nid2obj(nid), critical, der);
  must(X509_add_ext(x, e.get(), -1));
}

// "ub-common-name INTEGER ::= 64" (RFC 5280 appendix A): a longer one, of an overlay's name of up to 253, is cut. Only people read it.
void set_common_name(X509* x, std::string_view name) {
  name = name.substr(0, common_name_max);
  const auto* data = core::as_bytes(name).data();
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, data, static_cast<int>(name.size()), -1, 0));
}

void make_authority(X509* x, std::string_view name, EVP_PKEY* key) {
  set_common_name(x, name);
  must(X509_set_issuer_name(x, X509_get_subject_name(x)));
  must(X509_set_pubkey(x, key));
  constexpr std::uint8_t is_ca[] = {0x30, 0x03, 0x01, 0x01, 0xff};         // BasicConstraints { cA TRUE }
  constexpr std::uint8_t signs_certificates[] = {0x03, 0x02, 0x02, 0x04};  // KeyUsage keyCertSign
  add_extension(x, NID_basic_constraints, true, is_ca);
  add_extension(x, NID_key_usage, true, signs_certificates);
  add_extension(x, NID_subject_key_identifier, false, octet_string(key_identifier(x)));
}

void set_issuer(X509* x, X509* issuer) {
  must(X509_set_issuer_name(x, X509_get_subject_name(issuer)));
  add_extension(x, NID_authority_key_identifier, false, authority_key_identifier(key_identifier(issuer)));
}

}  // namespace phyllo::identity
