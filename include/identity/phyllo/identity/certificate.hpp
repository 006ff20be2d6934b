// X.509v3 certificates of overlay nodes and users (spec A1): one Node-ID, one user name, perhaps domains.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/key.hpp"
#include "phyllo/identity/node_id.hpp"

struct x509_st;

namespace phyllo::identity {

// The authority that one certificate can carry: with these bounds it stays within 8 KiB.
inline constexpr std::size_t authority_domains_max = 64;
inline constexpr std::size_t authority_characters_max = 4096;  // of their names together
// What keeps `domains` out of a certificate, for a person to read; nothing: they fit.
[[nodiscard]] std::optional<std::string> authority_flaw(const std::vector<std::string>& domains);

// Certificates are dated back by so much: a node whose clock is a little slow must not find its fresh certificate "not yet valid". A
// certificate was issued at its not_before and this.
inline constexpr std::chrono::hours certificates_dated_back{24};

// What a certificate says and how its key verifies, in whatever form it is written. from_der makes that of X.509, and keeps no more of
// it: hosts hold one for each link. Any other form has an issuer and a `trust` of its own; every trust that knows nothing of it refuses it.
class certificate_content {
 public:
  virtual ~certificate_content() = default;
  // As certificate::verify.
  [[nodiscard]] virtual core::status verify(std::uint8_t hash, std::uint8_t algorithm, core::byte_view data,
                                            core::byte_view signature) const = 0;

  core::bytes der;
  sha256_digest fingerprint{};
  node_id node;
  std::string user;
  node_id user_key;  // revoked_user(user), made once: each message's signer is looked up by it
  std::string overlay;
  std::vector<std::string> domains;
  bool peer = false;
  core::wall_time not_before;
  core::wall_time not_after;
};

// A parsed certificate; copies share it. Parsing proves nothing: ask `trust`.
class certificate {
 public:
  // malformed_certificate with the reason (an extra SAN, no Node-ID, ...).
  [[nodiscard]] static core::result<certificate> from_der(core::byte_view der);
  [[nodiscard]] static core::result<certificate> from_pem(std::string_view pem);
  explicit certificate(std::shared_ptr<const certificate_content> c) : content_(std::move(c)) {}

  [[nodiscard]] const node_id& node() const noexcept;
  [[nodiscard]] const std::string& user() const noexcept;                  // "alice@example.com"
  [[nodiscard]] const node_id& user_key() const noexcept;                  // by which the revocation list names the user
  [[nodiscard]] const std::string& overlay() const noexcept;               // from the reload URI
  [[nodiscard]] const std::vector<std::string>& domains() const noexcept;  // authority for these; lower case
  [[nodiscard]] bool has_authority(std::string_view domain) const noexcept;
  // The right to be a peer: to route and store for others. Whoever has it not is a client, whatever else it says.
  [[nodiscard]] bool may_be_peer() const noexcept;
  [[nodiscard]] core::wall_time not_before() const noexcept;
  [[nodiscard]] core::wall_time not_after() const noexcept;
  [[nodiscard]] core::byte_view der() const noexcept;
  [[nodiscard]] std::string pem() const;                            // of X.509
  [[nodiscard]] const sha256_digest& fingerprint() const noexcept;  // SHA-256(DER): RELOAD's cert_hash
  // Verifies `signature` over `data` by the certificate's key. Algorithms as on the wire (spec A2): (8,7)
  // Ed25519, (4,1) RSA PKCS#1 SHA-256, (4,3) ECDSA SHA-256. bad_signature or unsupported_algorithm.
  [[nodiscard]] core::status verify(std::uint8_t hash, std::uint8_t algorithm, core::byte_view data, core::byte_view signature) const;

  friend bool operator==(const certificate& a, const certificate& b) noexcept { return a.fingerprint() == b.fingerprint(); }

 private:
  std::shared_ptr<const certificate_content> content_;
};

// What a node is to others: a certificate and its key.
struct credential {
  identity::certificate certificate;
  private_key key;
};

// A certificate authority of one login server: issues overlay certificates (spec A1).
class authority {
 public:
  // A new self-signed Ed25519 CA named `name`, valid `years` years from `now`.
  [[nodiscard]] static authority create(std::string_view name, core::wall_time now, int years = 10);
  [[nodiscard]] static core::result<authority> from_pem(std::string_view certificate, std::string_view key);

  struct request {
    node_id node;
    std::string user;
    std::string overlay;
    std::vector<std::string> domains;  // empty: no authority
    core::wall_time not_before;
    core::wall_time not_after;
    bool peer = false;  // the right to be a peer
  };
  // Certifies the public key in `key` (private or public EVP_PKEY). malformed_certificate: the request asks for what no certificate may
  // say (certificate::from_der; authority_flaw).
  [[nodiscard]] core::result<certificate> issue(const request& r, evp_pkey_st* public_key) const;

  [[nodiscard]] std::string certificate_pem() const;
  [[nodiscard]] core::bytes certificate_der() const;
  [[nodiscard]] std::string key_pem() const;

 private:
  authority() = default;
  std::shared_ptr<x509_st> certificate_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace phyllo::identity
