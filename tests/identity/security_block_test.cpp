#include "identity/security_block.hpp"

#include "forge.hpp"

namespace security_block_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

namespace {

struct block_fixture {
  authority ca = authority::create("login.example.com", today);
  credential signer = credential_for(ca, 1, "node1@example.com");
};

core::bytes bytes_of(const security_block& b) { return *core::from_base64(b.base64()); }

// A block of these entries, without a signature's value.
std::string listed(const std::vector<std::pair<std::uint8_t, core::bytes>>& entries) {
  core::bytes out;
  core::wire_writer w(out);
  const auto list = w.open(2);
  for (const auto& [type, der] : entries) {
    w.u8(type);
    w.opaque(2, der);
  }
  w.close(list);
  signature().write(w);
  return core::to_base64(out);
}

}  // namespace

TEST_CASE("a block is read as it was signed, with and without the signer's certificate") {
  const block_fixture f;
  for (const bool with : {false, true}) {
    const auto read = security_block::parse(security_block::sign(f.signer, "document", with).base64());
    REQUIRE(read);
    CHECK(read->certificates.size() == (with ? 1 : 0));
    if (with) CHECK(read->certificates[0] == f.signer.certificate);
    CHECK(verify(read->signature, f.signer.certificate, {core::as_bytes("document")}));
    CHECK_FALSE(verify(read->signature, f.signer.certificate, {core::as_bytes("documents")}));
  }
}

TEST_CASE("a block that is cut short anywhere or goes on is none") {
  const block_fixture f;
  auto whole = bytes_of(security_block::sign(f.signer, "document", true));
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(security_block::parse(core::to_base64(core::byte_view(whole).first(n))));
  whole.push_back(0);
  CHECK_FALSE(security_block::parse(core::to_base64(whole)));
  CHECK_FALSE(security_block::parse("?"));
  CHECK_FALSE(security_block::parse(""));
}

TEST_CASE("certificates of another type, or that do not parse, are left out") {
  const block_fixture f;
  const auto der = core::to_bytes(f.signer.certificate.der());
  const auto read = security_block::parse(listed({{1, der}, {0, core::to_bytes("noise")}, {0, der}}));
  REQUIRE(read);
  CHECK(read->certificates.size() == 1);
}

TEST_CASE("more certificates than a document needs are refused, whatever they are") {
  const std::vector<std::pair<std::uint8_t, core::bytes>> noise(16, {0, core::to_bytes("noise")});
  CHECK(security_block::parse(listed(noise)));
  const block_fixture f;
  const std::vector<std::pair<std::uint8_t, core::bytes>> many(17, {0, core::to_bytes(f.signer.certificate.der())});
  CHECK_FALSE(security_block::parse(listed(many)));
}

}  // namespace security_block_test
