// A signed configuration document, and what becomes of it when its text is another.
#pragma once

#include "forge.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/signature.hpp"

namespace phyllo::testing {

struct signed_document {
  identity::authority ca = identity::authority::create("login.example.com", today);
  identity::credential signer = credential_for(ca, 1, "node1@example.com");
  identity::configuration content;

  signed_document() {
    content.instance_name = overlay_name;
    content.sequence = 7;
    content.expiration = today + std::chrono::hours(24 * 90);
    content.root_certificates = {ca.certificate_der()};
    content.enrollment_servers = {"https://login.example.com/.well-known/reload-enroll"};
    content.bootstrap_nodes = {{"127.0.1.1", 6084}, {"2001:db8::1", 7000}};
    content.configuration_signers = {numbered(1)};
    content.bad_nodes = {numbered(66)};
    content.kinds = identity::standard_kinds();
  }
  [[nodiscard]] std::string text() const { return identity::print(content, signer); }
};

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

// The text with its configuration element changed, signed anew over the changed bytes.
inline std::string resigned(const signed_document& r, const std::string& what, const std::string& by) {
  auto text = replaced(r.text(), what, by);
  const auto from = text.find("<configuration");
  const std::string end = "</configuration>";
  const auto part = text.substr(from, text.find(end) + end.size() - from);
  core::bytes block;
  core::wire_writer w(block);
  w.u16(0);
  identity::sign(r.signer, {core::as_bytes(part)}).write(w);
  const auto open = text.find("<signature>") + 11;
  return text.replace(open, text.find("</signature>") - open, core::to_base64(block));
}

inline core::result<identity::parsed_configuration> parse(const signed_document& r, const std::string& text) {
  return identity::parse_configuration(text, {r.signer.certificate}, today);
}

inline std::string malformed(const signed_document& r, const std::string& text) {
  const auto p = parse(r, text);
  REQUIRE_FALSE(p);
  CHECK(p.error() == identity::errc::malformed_document);
  return p.error().detail();
}

}  // namespace phyllo::testing
