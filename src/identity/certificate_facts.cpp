#include "phyllo/identity/certificate_facts.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <asio/ip/address.hpp>

#include "boringssl.hpp"

namespace phyllo::identity {
namespace {

// iPAddress is 4 or 16 octets.
std::string address_text(core::byte_view octets) {
  std::array<std::uint8_t, 4> v4{};
  std::array<std::uint8_t, 16> v6{};
  if (octets.size() == v4.size()) {
    std::ranges::copy(octets, v4.begin());
    return asio::ip::address_v4(v4).to_string();
  }
  if (octets.size() != v6.size()) return {};
  std::ranges::copy(octets, v6.begin());
  return asio::ip::address_v6(v6).to_string();
}

core::byte_view octets_of(const ASN1_STRING* s) { return {ASN1_STRING_get0_data(s), static_cast<std::size_t>(ASN1_STRING_length(s))}; }

std::vector<std::string> names_of(X509* x) {
  std::vector<std::string> out;
  const bssl::UniquePtr<GENERAL_NAMES> all(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x, NID_subject_alt_name, nullptr, nullptr)));
  ERR_clear_error();
  for (std::size_t i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(all.get(), i);
    std::string text;
    if (name->type == GEN_DNS) text = core::as_text(octets_of(name->d.dNSName));
    if (name->type == GEN_IPADD) text = address_text(octets_of(name->d.iPAddress));
    if (!text.empty()) out.push_back(std::move(text));
  }
  return out;
}

certificate_facts facts_of(X509* x) { return {from_asn1(X509_get0_notBefore(x)), from_asn1(X509_get0_notAfter(x)), names_of(x)}; }

}  // namespace

std::optional<certificate_facts> facts_of_pem(std::string_view pem) {
  std::optional<certificate_facts> out;
  const auto in = reading(pem);
  while (in) {  // ends with the text
    const bssl::UniquePtr<X509> x(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!x) break;
    if (!out) {
      out = facts_of(x.get());
      continue;
    }
    const auto more = facts_of(x.get());
    out->begins = std::max(out->begins, more.begins);
    out->ends = std::min(out->ends, more.ends);
  }
  ERR_clear_error();  // the end is an error too
  return out;
}

std::optional<certificate_facts> facts_of_der(core::byte_view der) {
  const auto x = x509_from_der(der);
  if (!x) return std::nullopt;
  return facts_of(x.get());
}

bool key_fits(std::string_view pem) {
  const auto x = x509_from_pem(pem);
  const auto key = key_from_pem(pem);
  const bool fits = x && key && X509_check_private_key(x.get(), key.get()) == 1;
  ERR_clear_error();
  return fits;
}

}  // namespace phyllo::identity
