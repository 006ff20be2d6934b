#include "domain_authority.hpp"

#include <openssl/obj.h>

#include "phyllo/identity/names.hpp"

namespace phyllo::identity {
namespace {

constexpr std::uint64_t version = 1;

// BoringSSL takes no textual OID with an arc of 128 bits, so here is its DER.
constexpr std::uint8_t oid_der[] = {0x06, 0x14, 0x69, 0x81, 0xf8, 0x9f, 0x96, 0xd9, 0x8b, 0xb0, 0xf2,
                                    0xaa, 0x9d, 0x9d, 0x9d, 0xcf, 0xed, 0xf1, 0xf8, 0xb1, 0xb4, 0x11};

}  // namespace

bssl::UniquePtr<ASN1_OBJECT> domain_authority_oid() {
  const std::uint8_t* at = oid_der;
  return bssl::UniquePtr<ASN1_OBJECT>(must(d2i_ASN1_OBJECT(nullptr, &at, sizeof oid_der)));
}

core::bytes encode_domain_authority(const std::vector<std::string>& domains) {
  bssl::ScopedCBB out;
  CBB outer;
  CBB list;
  must(CBB_init(out.get(), 64));
  must(CBB_add_asn1(out.get(), &outer, CBS_ASN1_SEQUENCE));
  must(CBB_add_asn1_uint64(&outer, version));
  must(CBB_add_asn1(&outer, &list, CBS_ASN1_SEQUENCE));
  for (const auto& domain : domains) {
    CBB one;
    const auto data = core::as_bytes(domain);
    must(CBB_add_asn1(&list, &one, CBS_ASN1_IA5STRING));
    must(CBB_add_bytes(&one, data.data(), data.size()));
    must(CBB_flush(&list));
  }
  must(CBB_flush(out.get()));
  return {CBB_data(out.get()), CBB_data(out.get()) + CBB_len(out.get())};
}

std::optional<std::vector<std::string>> decode_domain_authority(core::byte_view der) {
  CBS in;
  CBS outer;
  CBS list;
  std::uint64_t v = 0;
  CBS_init(&in, der.data(), der.size());
  if (!CBS_get_asn1(&in, &outer, CBS_ASN1_SEQUENCE) || CBS_len(&in) != 0) return std::nullopt;
  if (!CBS_get_asn1_uint64(&outer, &v) || v != version) return std::nullopt;
  if (!CBS_get_asn1(&outer, &list, CBS_ASN1_SEQUENCE) || CBS_len(&outer) != 0) return std::nullopt;
  std::vector<std::string> domains;
  while (CBS_len(&list) > 0) {  // ends with the list, or at the bound
    CBS one;
    if (!CBS_get_asn1(&list, &one, CBS_ASN1_IA5STRING) || domains.size() == authority_domains_max) return std::nullopt;
    domains.emplace_back(core::as_text({CBS_data(&one), CBS_len(&one)}));
    if (!valid_domain(domains.back())) return std::nullopt;
  }
  if (domains.empty()) return std::nullopt;
  return domains;
}

}  // namespace phyllo::identity
