// Whom an overlay believes: its trust anchors and bad nodes, from the signed configuration document, and its revocation list.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/revocation_list.hpp"

namespace phyllo::identity {

// One overlay's trust; shared by its tiers. Used on one thread. A verified certificate is remembered (bounded), so
// a second look costs a hash and the checks of time and revocation.
class trust {
 public:
  explicit trust(std::string overlay_name);
  virtual ~trust();

  // Reads a certificate that came with a message, in the form that this trust's issuers write: X.509. Reading proves nothing.
  [[nodiscard]] virtual core::result<certificate> read(core::byte_view der) const { return certificate::from_der(der); }
  // One that it keeps itself: its readers need not keep it too. Null: it keeps none of that fingerprint.
  [[nodiscard]] virtual const certificate* kept(const sha256_digest& fingerprint) const {
    static_cast<void>(fingerprint);
    return nullptr;
  }

  // Replaces anchors (CA certificates, DER) and revoked Node-IDs. malformed_certificate leaves all as it was.
  core::status update(const std::vector<core::bytes>& anchors, std::vector<node_id> bad_nodes);

  // unknown_issuer, expired, revoked, wrong_overlay; in this order of checks.
  [[nodiscard]] virtual core::status check(const certificate& c, core::wall_time now) const;

  // Its node is a bad-node of the document, or the list has its node or its user with a time after its issue.
  [[nodiscard]] bool revoked(const certificate& c) const noexcept;
  // All certificates of the node, whatever their time: what is known of one of which no certificate is at hand.
  [[nodiscard]] bool revoked(const node_id& node) const noexcept;
  // The list says that its user is entitled to something else since after its issue. It is good all the same.
  [[nodiscard]] bool outdated(const certificate& c) const;
  // In force, as the list of whoever asks: what changes it changes what check() says.
  [[nodiscard]] revocation_list& revocations() noexcept;
  [[nodiscard]] const revocation_list& revocations() const noexcept;
  [[nodiscard]] const std::string& overlay_name() const noexcept;
  [[nodiscard]] std::uint32_t overlay_hash() const noexcept;  // low 32 bits of SHA-1(name): RELOAD's overlay field

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace phyllo::identity
