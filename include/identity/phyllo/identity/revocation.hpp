// What an overlay's revocation list says, its signed head, and what changes between two of its numbers (identity.md, "Revocation list").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/node_id.hpp"

namespace phyllo::identity {

class trust;

// One entry: certificates of a node, or of a user, that were issued before a time.
//
//   key (16): a Node-ID, or revoked_user() | before (4): Unix seconds; revoked_for_good: all of them
struct revocation {
  node_id key;
  std::uint32_t before = 0;
  friend bool operator==(const revocation&, const revocation&) = default;
};
inline constexpr std::uint32_t revoked_for_good = 0xffffffff;
inline constexpr std::size_t revocation_bytes = 20;

// The key under which a user's certificates are revoked: a hash, so that the list is no list of users.
[[nodiscard]] node_id revoked_user(std::string_view user);

// The key under which a user's certificates are outdated: they are good, but their user is entitled to something else now. Who holds one
// asks for another.
[[nodiscard]] node_id outdated_user(std::string_view user);

// When it was issued, in Unix seconds: what the time of an entry is compared with.
[[nodiscard]] std::uint64_t issued_second(const certificate& c) noexcept;

// The moment from which on certificates are good again, of an entry that is made at `now`: the next full second.
[[nodiscard]] std::uint32_t revoked_before(core::wall_time now);

// What the signature is over: the list's number, and the root of its content.
//
//   version (1) = 1 | length (1) overlay name | number (8) | entries (4) | bits (1) | root (32) |
//   Signature | length (2) the signer's certificate
struct revocation_head {
  std::string overlay;
  std::uint64_t number = 0;   // rises with every change
  std::uint32_t entries = 0;  // at most 2^20
  std::uint8_t bits = 0;      // there are 2^bits leaves, at most 2^11: an entry's is named by the first bits of its key
  sha256_digest root{};       // SHA-256 of the leaves' digests, one after the other
  core::bytes text;           // the whole, as it is passed on
  friend bool operator==(const revocation_head&, const revocation_head&) = default;
};

inline constexpr std::uint32_t revocations_max = 1U << 20U;
inline constexpr std::uint8_t revocation_bits_max = 11;

// Signs it; `text` is made.
[[nodiscard]] revocation_head sign_revocation_head(revocation_head h, const credential& signer);
// The head alone, unchecked: malformed_document.
[[nodiscard]] core::result<revocation_head> parse_revocation_head(core::byte_view text);
// And checked: wrong_overlay; unknown_signer (none of `signers`, the document's configuration-signers), bad_signature, and what
// trust.check says of the signer.
[[nodiscard]] core::result<revocation_head> read_revocation_head(core::byte_view text, const trust& t, const std::vector<node_id>& signers,
                                                                 core::wall_time now);

// What changes from one number to a later one. It is not signed: whoever applies it comes to the root that is, or it was a lie.
//
//   from (8) | to (8) | length (4) entries... | length (4) keys of those that are removed...       both by rising keys
struct revocation_delta {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<revocation> entries;
  std::vector<node_id> removed;

  [[nodiscard]] bool empty() const noexcept { return entries.empty() && removed.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries.size() + removed.size(); }
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<revocation_delta> decode(core::byte_view data);  // malformed_document
  friend bool operator==(const revocation_delta&, const revocation_delta&) = default;
};

}  // namespace phyllo::identity
