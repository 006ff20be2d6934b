#include "identity/x509_builder.hpp"

#include "forge.hpp"

namespace x509_builder_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

// The octets after the OCTET STRING's header, or of [0] for an authority's key identifier.
std::string extension(X509* x, int nid) {
  const int at = X509_get_ext_by_NID(x, nid, -1);
  REQUIRE(at >= 0);
  const ASN1_STRING* content = X509_EXTENSION_get_data(X509_get_ext(x, at));
  return core::to_hex({ASN1_STRING_get0_data(content), static_cast<std::size_t>(ASN1_STRING_length(content))});
}

std::string common_name(X509* x) {
  std::array<char, 200> text{};
  const int n = X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, text.data(), text.size());
  return {text.data(), static_cast<std::size_t>(std::max(n, 0))};
}

}  // namespace

TEST_CASE("a blank certificate is of version 3, with a serial number and its validity") {
  const auto x = identity::blank_x509(today, today + std::chrono::hours(1));
  CHECK(X509_get_version(x.get()) == 2);
  CHECK(identity::from_asn1(X509_get0_notBefore(x.get())) == today);
  CHECK(identity::from_asn1(X509_get0_notAfter(x.get())) == today + std::chrono::hours(1));
  CHECK(ASN1_STRING_length(X509_get0_serialNumber(x.get())) == 16);
}

TEST_CASE("an authority is its own issuer, may issue, and says so critically (RFC 5280 s.4.2.1.3, s.4.2.1.9)") {
  const auto key = ec_key();
  const auto x = identity::blank_x509(today, today + std::chrono::hours(1));
  identity::make_authority(x.get(), "login.example.com", key.get());
  CHECK(common_name(x.get()) == "login.example.com");
  CHECK(X509_NAME_cmp(X509_get_subject_name(x.get()), X509_get_issuer_name(x.get())) == 0);
  CHECK(extension(x.get(), NID_basic_constraints) == "30030101ff");
  CHECK(extension(x.get(), NID_key_usage) == "03020204");
  CHECK(X509_EXTENSION_get_critical(X509_get_ext(x.get(), X509_get_ext_by_NID(x.get(), NID_basic_constraints, -1))) != 0);
}

TEST_CASE("an issued certificate names its issuer and its issuer's key, which tells one from a successor of the same name") {
  const auto first_key = ec_key();
  const auto second_key = ec_key();
  const auto first = identity::blank_x509(today, today + std::chrono::hours(1));
  const auto second = identity::blank_x509(today, today + std::chrono::hours(1));
  identity::make_authority(first.get(), "login.example.com", first_key.get());
  identity::make_authority(second.get(), "login.example.com", second_key.get());
  const auto issued = identity::blank_x509(today, today + std::chrono::hours(1));
  identity::set_issuer(issued.get(), first.get());
  CHECK(X509_NAME_cmp(X509_get_issuer_name(issued.get()), X509_get_subject_name(first.get())) == 0);
  CHECK(extension(issued.get(), NID_authority_key_identifier).substr(8) == extension(first.get(), NID_subject_key_identifier).substr(4));
  CHECK(extension(issued.get(), NID_authority_key_identifier).substr(8) != extension(second.get(), NID_subject_key_identifier).substr(4));
}

TEST_CASE("a common name is cut at 64, which is the most it may have (RFC 5280 appendix A)") {
  const auto x = identity::blank_x509(today, today);
  identity::set_common_name(x.get(), std::string(64, 'a') + "b");
  CHECK(common_name(x.get()) == std::string(64, 'a'));
}

}  // namespace x509_builder_test
