#include "phyllo/identity/certificate.hpp"

#include <openssl/err.h>
#include <openssl/nid.h>

#include <algorithm>

#include "certificate_policies.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/names.hpp"
#include "phyllo/identity/revocation.hpp"
#include "reload_uri.hpp"
#include "signature_algorithm.hpp"
#include "subject_names.hpp"

namespace phyllo::identity {

namespace {

struct x509_content final : certificate_content {
  [[nodiscard]] core::status verify(std::uint8_t hash, std::uint8_t algorithm, core::byte_view data,
                                    core::byte_view signature) const override {
    return verify_by(key.get(), hash, algorithm, data, signature);
  }

  std::shared_ptr<EVP_PKEY> key;
};

// Ours have about 400 bytes with Ed25519, 1,100 with RSA; domains may add more. Messages carry several.
constexpr std::size_t certificate_bytes_max = 8192;

std::unexpected<core::error> malformed(std::string_view why) { return core::fail(errc::malformed_certificate, std::string(why)); }

core::status check_form(X509* x) {
  if (X509_get_version(x) != 2) return malformed("not X.509 version 3");
  if (X509_NAME_entry_count(X509_get_subject_name(x)) != 0) return malformed("the subject is not empty");
  const auto flags = X509_get_extension_flags(x);
  if ((flags & EXFLAG_INVALID) != 0) return malformed("an extension does not parse");
  if ((flags & EXFLAG_CA) != 0) return malformed("a certificate authority's, not a node's");
  const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(x));
  if (!acceptable_key(key.get())) return malformed("neither Ed25519, P-256 nor RSA of 2048 to 8192 bits");
  return {};
}

// The index of the one extension at `first`, if no second follows.
template <class Find>
int only(Find find) {
  const int first = find(-1);
  return first >= 0 && find(first) < 0 ? first : -1;
}

core::result<subject_names> read_names(const X509* x) {
  const int at = only([x](int after) { return X509_get_ext_by_NID(x, NID_subject_alt_name, after); });
  if (at < 0) return malformed("not exactly one subjectAltName");
  const X509_EXTENSION* e = X509_get_ext(x, at);
  if (X509_EXTENSION_get_critical(e) != 1) return malformed("subjectAltName is not critical");
  auto names = subject_names::decode(extension_content(e));
  if (!names || names->uri.empty() || names->mail.empty()) {
    return malformed("subjectAltName holds other than one URI and one rfc822Name");
  }
  return *std::move(names);
}

core::result<certificate_policies> read_policies(const X509* x) {
  if (X509_get_ext_by_NID(x, NID_certificate_policies, -1) < 0) return certificate_policies();
  const int at = only([x](int after) { return X509_get_ext_by_NID(x, NID_certificate_policies, after); });
  auto policies = at < 0 ? std::nullopt : certificate_policies::decode(extension_content(X509_get_ext(x, at)));
  if (!policies) return malformed("the certificate policies are not ours alone");
  return *std::move(policies);
}

}  // namespace

core::result<certificate> certificate::from_der(core::byte_view der) {
  if (der.size() > certificate_bytes_max) return malformed("longer than 8192 bytes");
  auto x = x509_from_der(der);
  if (!x) return malformed("not one X.509 certificate in DER");
  if (auto ok = check_form(x.get()); !ok) return core::fail(ok.error());
  auto names = read_names(x.get());
  if (!names) return core::fail(names.error());
  const auto uri = reload_uri::parse(names->uri);
  if (!uri) return malformed("the URI is not reload://0110<32 hex digits>@<overlay>/");
  if (uri->node.reserved()) return malformed("a reserved Node-ID");
  if (!valid_user(names->mail)) return malformed("the rfc822Name is not a user@domain");
  auto policies = read_policies(x.get());
  if (!policies) return core::fail(policies.error());

  auto c = std::make_shared<x509_content>();
  c->not_before = from_asn1(X509_get0_notBefore(x.get()));
  c->not_after = from_asn1(X509_get0_notAfter(x.get()));
  c->key = share(X509_get_pubkey(x.get()));
  c->der = core::to_bytes(der);
  c->fingerprint = sha256(der);
  c->node = uri->node;
  c->user = std::move(names->mail);
  c->user_key = revoked_user(c->user);
  c->overlay = uri->overlay;
  c->domains = std::move(policies->domains);
  c->peer = policies->peer;
  ERR_clear_error();
  return certificate(std::move(c));
}

core::result<certificate> certificate::from_pem(std::string_view pem) {
  const auto x = x509_from_pem(pem);
  if (!x) return malformed("no certificate in PEM");
  return from_der(x509_der(x.get()));
}

const node_id& certificate::node() const noexcept { return content_->node; }
const std::string& certificate::user() const noexcept { return content_->user; }
const node_id& certificate::user_key() const noexcept { return content_->user_key; }
const std::string& certificate::overlay() const noexcept { return content_->overlay; }
const std::vector<std::string>& certificate::domains() const noexcept { return content_->domains; }
bool certificate::may_be_peer() const noexcept { return content_->peer; }

bool certificate::has_authority(std::string_view domain) const noexcept {
  return std::ranges::any_of(content_->domains, [&](const std::string& d) { return core::equal_ignoring_case(d, domain); });
}

core::wall_time certificate::not_before() const noexcept { return content_->not_before; }
core::wall_time certificate::not_after() const noexcept { return content_->not_after; }
core::byte_view certificate::der() const noexcept { return content_->der; }
std::string certificate::pem() const { return x509_pem(x509_from_der(der()).get()); }
const sha256_digest& certificate::fingerprint() const noexcept { return content_->fingerprint; }

core::status certificate::verify(std::uint8_t hash, std::uint8_t algorithm, core::byte_view data, core::byte_view signature) const {
  return content_->verify(hash, algorithm, data, signature);
}

}  // namespace phyllo::identity
