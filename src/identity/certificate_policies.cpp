#include "certificate_policies.hpp"

#include <string_view>

#include "boringssl.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/names.hpp"

namespace phyllo::identity {
namespace {

// The contents of OBJECT IDENTIFIERs. BoringSSL takes no textual OID with an arc of 128 bits.
constexpr std::uint8_t domains_oid[] = {0x69, 0x81, 0xf8, 0x9f, 0x96, 0xd9, 0x8b, 0xb0, 0xf2, 0xaa,
                                        0x9d, 0x9d, 0x9d, 0xcf, 0xed, 0xf1, 0xf8, 0xb1, 0xb4, 0x11};
constexpr std::uint8_t peer_oid[] = {0x69, 0x86, 0x89, 0xf5, 0xae, 0xf5, 0xcb, 0xda, 0xa4, 0x85,
                                     0xa5, 0xcd, 0xa2, 0xfc, 0x96, 0xc5, 0xb2, 0x95, 0x13};
constexpr std::uint8_t cps_oid[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02, 0x01};  // id-qt-cps, 1.3.6.1.5.5.7.2.1
constexpr std::string_view scheme = "sip:";                                           // a qualifier is a URI

void add(CBB& to, unsigned tag, core::byte_view content) {
  CBB one;
  must(CBB_add_asn1(&to, &one, tag));
  must(CBB_add_bytes(&one, content.data(), content.size()));
  must(CBB_flush(&to));
}

void add_qualifier(CBB& list, const std::string& domain) {
  CBB one;
  must(CBB_add_asn1(&list, &one, CBS_ASN1_SEQUENCE));
  add(one, CBS_ASN1_OBJECT, cps_oid);
  add(one, CBS_ASN1_IA5STRING, core::as_bytes(std::string(scheme) + domain));
  must(CBB_flush(&list));
}

bool is(const CBS& content, core::byte_view expected) { return CBS_mem_equal(&content, expected.data(), expected.size()); }

bool take(CBS& from, unsigned tag, core::byte_view expected) {
  CBS one;
  return CBS_get_asn1(&from, &one, tag) && is(one, expected);
}

std::optional<std::string> read_qualifier(CBS& list) {
  CBS one;
  CBS uri;
  if (!CBS_get_asn1(&list, &one, CBS_ASN1_SEQUENCE) || !take(one, CBS_ASN1_OBJECT, cps_oid)) return std::nullopt;
  if (!CBS_get_asn1(&one, &uri, CBS_ASN1_IA5STRING) || CBS_len(&one) != 0) return std::nullopt;
  const auto text = core::as_text({CBS_data(&uri), CBS_len(&uri)});
  if (!text.starts_with(scheme)) return std::nullopt;
  std::string domain(text.substr(scheme.size()));
  if (!valid_domain(domain)) return std::nullopt;
  return domain;
}

// Of what is left of the policy after its identifier.
bool read_domains(CBS& policy, std::vector<std::string>& domains) {
  CBS qualifiers;
  if (!domains.empty()) return false;
  if (!CBS_get_asn1(&policy, &qualifiers, CBS_ASN1_SEQUENCE) || CBS_len(&policy) != 0) return false;
  while (CBS_len(&qualifiers) > 0) {  // ends with the list, or at the bound
    auto domain = read_qualifier(qualifiers);
    if (!domain || domains.size() == authority_domains_max) return false;
    domains.push_back(*std::move(domain));
  }
  return !domains.empty();
}

bool read_policy(CBS& policy, certificate_policies& out) {
  CBS oid;
  if (!CBS_get_asn1(&policy, &oid, CBS_ASN1_OBJECT)) return false;
  if (is(oid, domains_oid)) return read_domains(policy, out.domains);
  if (!is(oid, peer_oid) || out.peer || CBS_len(&policy) != 0) return false;
  out.peer = true;
  return true;
}

void add_domains(CBB& policies, const std::vector<std::string>& domains) {
  CBB policy;
  CBB qualifiers;
  must(CBB_add_asn1(&policies, &policy, CBS_ASN1_SEQUENCE));
  add(policy, CBS_ASN1_OBJECT, domains_oid);
  must(CBB_add_asn1(&policy, &qualifiers, CBS_ASN1_SEQUENCE));
  for (const auto& domain : domains) add_qualifier(qualifiers, domain);
  must(CBB_flush(&policies));
}

void add_peer(CBB& policies) {
  CBB policy;
  must(CBB_add_asn1(&policies, &policy, CBS_ASN1_SEQUENCE));
  add(policy, CBS_ASN1_OBJECT, peer_oid);
  must(CBB_flush(&policies));
}

}  // namespace

core::bytes certificate_policies::encode() const {
  bssl::ScopedCBB out;
  CBB policies;
  must(CBB_init(out.get(), 64));
  must(CBB_add_asn1(out.get(), &policies, CBS_ASN1_SEQUENCE));
  if (!domains.empty()) add_domains(policies, domains);
  if (peer) add_peer(policies);
  must(CBB_flush(out.get()));
  return {CBB_data(out.get()), CBB_data(out.get()) + CBB_len(out.get())};
}

std::optional<certificate_policies> certificate_policies::decode(core::byte_view der) {
  CBS in;
  CBS policies;
  CBS_init(&in, der.data(), der.size());
  if (!CBS_get_asn1(&in, &policies, CBS_ASN1_SEQUENCE) || CBS_len(&in) != 0) return std::nullopt;
  certificate_policies out;
  while (CBS_len(&policies) > 0) {  // ends with the list: a third policy is one twice, or another
    CBS policy;
    if (!CBS_get_asn1(&policies, &policy, CBS_ASN1_SEQUENCE) || !read_policy(policy, out)) return std::nullopt;
  }
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace phyllo::identity
