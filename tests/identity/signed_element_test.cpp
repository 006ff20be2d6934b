#include "identity/signed_element.hpp"

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"

namespace signed_element_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

namespace {

const std::string head = "<overlay xmlns=\"urn:ietf:params:xml:ns:p2p:config-base\">\n";

std::string found(const std::string& text, std::string_view name = {}) {
  const auto d = signed_document::find(text, name);
  if (d) return d->element.bytes();
  CHECK(d.error() == errc::malformed_document);
  return {};
}

struct signers {
  authority ca = authority::create("login.example.com", today);
  credential one = credential_for(ca, 1, "node1@example.com");
  configuration content;
  signers() {
    content.instance_name = overlay_name;
    content.root_certificates = {ca.certificate_der()};
    content.configuration_signers = {numbered(1)};
  }
  core::status by(const security_block& block, std::string_view data, const std::vector<certificate>& at_hand) const {
    return signer_check::create(content, at_hand, today)->by_any_of({numbered(1)}, block, data);
  }
};

}  // namespace

TEST_CASE("what is signed are the very bytes of the element, to the blank in its closing tag") {
  const std::string element = "<configuration  instance-name='a' >\n x </configuration \n>";
  CHECK(found(head + " " + element + "\n<signature>AA==</signature></overlay>") == element);
}

TEST_CASE("of several configurations the one of that name is found, or the first") {
  const auto text = head + "<configuration instance-name='a'>1</configuration><configuration instance-name='b'>2</configuration></overlay>";
  CHECK(found(text) == "<configuration instance-name='a'>1</configuration>");
  CHECK(found(text, "b") == "<configuration instance-name='b'>2</configuration>");
  CHECK(found(text, "c").empty());
}

TEST_CASE("an overlay of another namespace, or a configuration of one, is none of ours") {
  CHECK(found("<overlay><configuration/></overlay>").empty());
  CHECK(found("<overlays xmlns=\"urn:ietf:params:xml:ns:p2p:config-base\"><configuration></configuration></overlays>").empty());
  CHECK(found(head + "<configuration xmlns=\"urn:other\"></configuration></overlay>").empty());
  CHECK(found(head + "<configuration/></overlay>").empty());  // nothing that could be signed
  CHECK(found(head + "</overlay>").empty());
}

TEST_CASE("a closing tag within a comment ends the bytes there, and so they are no element") {
  CHECK(found(head + "<configuration><!-- </configuration> --></configuration></overlay>").empty());
}

TEST_CASE("the signatures of a document stand between it and the next one") {
  const signers s;
  const auto block = security_block::sign(s.one, "x", false).base64();
  const auto signature = "<signature>" + block + "</signature>";
  const auto text = head + "<configuration instance-name='a'></configuration>" + signature + "<signature>noise</signature>" + signature +
                    "<configuration instance-name='b'></configuration>" + signature + "</overlay>";
  CHECK(signed_document::find(text, "a")->signatures.size() == 2);
  CHECK(signed_document::find(text, "b")->signatures.size() == 1);
  std::string many = head + "<configuration></configuration>";
  for (int i = 0; i < 20; ++i) many += signature;
  CHECK(signed_document::find(many + "</overlay>", {})->signatures.size() == 8);
}

TEST_CASE("bytes and place of a descendant are told as they stand") {
  const auto e = signed_element::parse("<a>\n  <b x='1'>text</b>\n</a>");
  REQUIRE(e);
  CHECK(e->bytes_of(e->root().child("b")) == "<b x='1'>text</b>");
  CHECK(e->bytes_of(e->root().child("none")).empty());
  CHECK(e->place(e->root().child("b")) == "line 2, column 3");
}

TEST_CASE("a signer is one whose certificate is at hand, trusted and allowed") {
  const signers s;
  const auto block = security_block::sign(s.one, "data", false);
  CHECK(s.by(block, "data", {s.one.certificate}));
  CHECK(s.by(block, "date", {s.one.certificate}).error() == errc::bad_signature);
  CHECK(s.by(block, "data", {}).error() == errc::unknown_signer);
  const auto two = credential_for(s.ca, 2, "node2@example.com");
  CHECK(s.by(security_block::sign(two, "data", false), "data", {two.certificate}).error() == errc::unknown_signer);
  const auto foreign = credential_for(authority::create("login.example.com", today), 1, "node1@example.com");
  CHECK(s.by(security_block::sign(foreign, "data", false), "data", {foreign.certificate}).error() == errc::unknown_signer);
}

TEST_CASE("a certificate that comes later is at hand then, and another's names nobody") {
  const signers s;
  auto check = signer_check::create(s.content, {}, today);
  REQUIRE(check);
  const auto block = security_block::sign(s.one, "data", true);
  CHECK(check->signer_of(block.signature) == nullptr);
  check->add(block.certificates);
  REQUIRE(check->signer_of(block.signature) != nullptr);
  CHECK(check->signer_of(block.signature)->node() == numbered(1));
}

TEST_CASE("a successor's signer was one of the document before, by that one's anchors") {
  const signers s;
  const auto block = security_block::sign(s.one, "data", true);
  auto check = signer_check::create(s.content, block.certificates, today);
  CHECK(check->was_signer_of(s.content, block));
  auto earlier = s.content;
  earlier.configuration_signers = {numbered(9)};
  CHECK(check->was_signer_of(earlier, block).error() == errc::unknown_signer);
  earlier = s.content;
  earlier.root_certificates = {authority::create("login.example.com", today).certificate_der()};
  CHECK(check->was_signer_of(earlier, block).error() == errc::unknown_signer);
}

TEST_CASE("a root certificate that is none is told as the document's fault") {
  signers s;
  s.content.root_certificates = {core::to_bytes("noise")};
  CHECK(signer_check::create(s.content, {}, today).error() == errc::malformed_document);
}

}  // namespace signed_element_test
