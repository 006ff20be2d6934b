#include "phyllo/identity/web_certificate.hpp"

#include <openssl/ec_key.h>
#include <openssl/nid.h>

#include <asio/ip/address.hpp>
#include <cassert>

#include "phyllo/identity/errc.hpp"
#include "x509_builder.hpp"

namespace phyllo::identity {
namespace {

constexpr unsigned dns_tag = CBS_ASN1_CONTEXT_SPECIFIC | 2;
constexpr unsigned address_tag = CBS_ASN1_CONTEXT_SPECIFIC | 7;
constexpr auto authority_lifetime = std::chrono::days(3650);

bssl::UniquePtr<EVP_PKEY> generate_p256() {
  const bssl::UniquePtr<EC_KEY> ec(must(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1)));
  must(EC_KEY_generate_key(ec.get()));
  bssl::UniquePtr<EVP_PKEY> key(must(EVP_PKEY_new()));
  must(EVP_PKEY_set1_EC_KEY(key.get(), ec.get()));
  return key;
}

void add_name(CBB* list, unsigned tag, core::byte_view data) {
  CBB one;
  must(CBB_add_asn1(list, &one, tag));
  must(CBB_add_bytes(&one, data.data(), data.size()));
  must(CBB_flush(list));
}

void add_host(CBB* list, const std::string& name) {
  asio::error_code no_address;
  const auto address = asio::ip::make_address(name, no_address);
  if (no_address) {
    add_name(list, dns_tag, core::as_bytes(name));
  } else if (address.is_v4()) {
    add_name(list, address_tag, address.to_v4().to_bytes());
  } else {
    add_name(list, address_tag, address.to_v6().to_bytes());
  }
}

core::bytes encode_hosts(const std::vector<std::string>& names) {
  bssl::ScopedCBB out;
  CBB list;
  must(CBB_init(out.get(), 128));
  must(CBB_add_asn1(out.get(), &list, CBS_ASN1_SEQUENCE));
  for (const auto& name : names) add_host(&list, name);
  must(CBB_flush(out.get()));
  return {CBB_data(out.get()), CBB_data(out.get()) + CBB_len(out.get())};
}

struct signer {
  bssl::UniquePtr<X509> certificate;
  bssl::UniquePtr<EVP_PKEY> key;
};

core::result<signer> parse_signer(const web_identity& issuer) {
  signer s{x509_from_pem(issuer.certificate_pem), key_from_pem(issuer.key_pem)};
  if (!s.certificate || X509_check_ca(s.certificate.get()) != 1) {
    return core::fail(errc::malformed_certificate, "the issuer is no certificate authority in PEM");
  }
  if (!s.key || X509_check_private_key(s.certificate.get(), s.key.get()) != 1) {
    (void)library_error();
    return core::fail(errc::malformed_key, "the issuer's key is not its certificate's");
  }
  return s;
}

bssl::UniquePtr<X509> unsigned_certificate(const std::vector<std::string>& names, core::wall_time now, core::duration validity,
                                           EVP_PKEY* key) {
  assert(!names.empty());
  auto x = blank_x509(now - clock_skew, now + std::chrono::duration_cast<core::wall_time::duration>(validity));
  must(X509_set_pubkey(x.get(), key));
  set_common_name(x.get(), "phyllo");  // some clients want to show a name
  constexpr std::uint8_t server_authentication[] = {0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
  add_extension(x.get(), NID_subject_alt_name, false, encode_hosts(names));
  add_extension(x.get(), NID_ext_key_usage, false, server_authentication);
  return x;
}

web_identity signed_by(EVP_PKEY* signer, X509* x, EVP_PKEY* key) {
  must(X509_sign(x, signer, EVP_sha256()) > 0 ? 1 : 0);
  return {x509_pem(x), key_pem(key)};
}

}  // namespace

web_identity make_web_authority(std::string_view name, core::wall_time now) {
  const auto key = generate_p256();
  const auto x = blank_x509(now - clock_skew, now + authority_lifetime);
  make_authority(x.get(), name, key.get());
  return signed_by(key.get(), x.get(), key.get());
}

web_identity make_web_certificate(const std::vector<std::string>& names, core::wall_time now, core::duration validity) {
  const auto key = generate_p256();
  const auto x = unsigned_certificate(names, now, validity, key.get());
  must(X509_set_issuer_name(x.get(), X509_get_subject_name(x.get())));
  return signed_by(key.get(), x.get(), key.get());
}

core::result<web_identity> make_web_certificate(const std::vector<std::string>& names, core::wall_time now, core::duration validity,
                                                const web_identity& issuer) {
  auto by = parse_signer(issuer);
  if (!by) return core::fail(by.error());
  const auto key = generate_p256();
  const auto x = unsigned_certificate(names, now, validity, key.get());
  set_issuer(x.get(), by->certificate.get());
  return signed_by(by->key.get(), x.get(), key.get());
}

}  // namespace phyllo::identity
