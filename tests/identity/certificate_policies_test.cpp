#include "identity/certificate_policies.hpp"

#include <doctest.h>

#include "phyllo/identity/certificate.hpp"

namespace certificate_policies_test {

using namespace phyllo;
using identity::certificate_policies;

namespace {

certificate_policies policies(std::vector<std::string> domains, bool peer) {
  certificate_policies p;
  p.domains = std::move(domains);
  p.peer = peer;
  return p;
}

}  // namespace

TEST_CASE("what a certificate entitles to is read as it was written, with any number of domains") {
  for (const bool peer : {false, true}) {
    for (std::size_t count = peer ? 0 : 1; count <= identity::authority_domains_max; count += 7) {
      std::vector<std::string> domains;
      for (std::size_t i = 0; i < count; ++i) domains.push_back("d" + std::to_string(i) + ".example.com");
      const auto read = certificate_policies::decode(policies(domains, peer).encode());
      REQUIRE(read);
      CHECK(read->domains == domains);
      CHECK(read->peer == peer);
    }
  }
}

TEST_CASE("more domains than a certificate may have are refused") {
  std::vector<std::string> domains(identity::authority_domains_max, "example.com");
  CHECK(certificate_policies::decode(policies(domains, false).encode()));
  domains.emplace_back("example.org");
  CHECK_FALSE(certificate_policies::decode(policies(domains, false).encode()));
}

TEST_CASE("policies that are cut short anywhere, go on, or have an octet changed in their form are refused") {
  const auto whole = policies({"example.com"}, true).encode();
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(certificate_policies::decode(core::byte_view(whole).first(n)));
  auto longer = whole;
  longer.push_back(0);
  CHECK_FALSE(certificate_policies::decode(longer));
  const auto domain = std::string(core::as_text(whole)).find("example.com");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (i >= domain && i < domain + 11) continue;  // another domain may come of it
    auto changed = whole;
    changed[i] ^= 0x40;
    CHECK_FALSE(certificate_policies::decode(changed));
  }
}

TEST_CASE("a domain is a lower-case one, or the whole is refused") {
  for (const auto* bad : {"Example.com", "", "example..com", "-", "exa mple.com"})
    CHECK_MESSAGE(!certificate_policies::decode(policies({bad}, false).encode()), std::string(bad));
}

}  // namespace certificate_policies_test
