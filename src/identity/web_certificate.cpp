#include "phyllo/identity/web_certificate.hpp"

#include <openssl/digest.h>
#include <openssl/ec_key.h>
#include <openssl/nid.h>

#include <asio/ip/address.hpp>
#include <cassert>
#include <chrono>

#include "boringssl.hpp"
#include "subject_names.hpp"

namespace phyllo::identity {
namespace {

// GeneralName (RFC 5280 s.4.2.1.6): dNSName [2] IA5String, iPAddress [7] OCTET STRING.
constexpr unsigned dns_name = CBS_ASN1_CONTEXT_SPECIFIC | 2;
constexpr unsigned ip_address = CBS_ASN1_CONTEXT_SPECIFIC | 7;

core::bytes octets_of(const asio::ip::address& a) {
  if (a.is_v4()) return core::to_bytes(core::byte_view(a.to_v4().to_bytes()));
  return core::to_bytes(core::byte_view(a.to_v6().to_bytes()));
}

core::bytes encode(const std::vector<std::string>& names) {
  bssl::ScopedCBB out;
  CBB list;
  must(CBB_init(out.get(), 64));
  must(CBB_add_asn1(out.get(), &list, CBS_ASN1_SEQUENCE));
  for (const auto& name : names) {
    asio::error_code not_an_address;
    const auto address = asio::ip::make_address(name, not_an_address);
    const auto content = not_an_address ? core::to_bytes(name) : octets_of(address);
    CBB entry;
    must(CBB_add_asn1(&list, &entry, not_an_address ? dns_name : ip_address));
    must(CBB_add_bytes(&entry, content.data(), content.size()));
  }
  must(CBB_flush(out.get()));
  return {CBB_data(out.get()), CBB_data(out.get()) + CBB_len(out.get())};
}

bssl::UniquePtr<EVP_PKEY> generate_p256() {
  const bssl::UniquePtr<EC_KEY> ec(must(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1)));
  must(EC_KEY_generate_key(ec.get()));
  bssl::UniquePtr<EVP_PKEY> key(must(EVP_PKEY_new()));
  must(EVP_PKEY_set1_EC_KEY(key.get(), ec.get()));
  return key;
}

}  // namespace

web_identity make_web_certificate(const std::vector<std::string>& names, core::wall_time now, core::duration validity) {
  assert(!names.empty());
  const auto key = generate_p256();
  const bssl::UniquePtr<X509> x(must(X509_new()));
  must(X509_set_version(x.get(), 2));
  set_random_serial(x.get());
  set_validity(x.get(), now - std::chrono::hours(1), now + std::chrono::duration_cast<core::wall_time::duration>(validity));
  // Issuer and subject agree, so that it is self-signed; some clients want to show a name.
  const auto common = core::as_bytes(names.front());
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_UTF8, common.data(), static_cast<int>(common.size()), -1,
                                  0));
  must(X509_set_issuer_name(x.get(), X509_get_subject_name(x.get())));
  must(X509_set_pubkey(x.get(), key.get()));
  const auto e = make_extension(OBJ_nid2obj(NID_subject_alt_name), false, encode(names));
  must(X509_add_ext(x.get(), e.get(), -1));
  must(X509_sign(x.get(), key.get(), EVP_sha256()) > 0 ? 1 : 0);
  return {x509_pem(x.get()), key_pem(key.get())};
}

}  // namespace phyllo::identity
