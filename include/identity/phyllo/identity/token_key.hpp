// Small sealed texts that only the holders of one secret can make and read: AES-256-GCM-SIV (RFC 8452), deterministic. Under this
// algorithm a nonce that is used again tells no more than that two texts are equal, so the nonce is fixed and takes no room.
#pragma once

#include <memory>
#include <optional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/identity/digest.hpp"

struct evp_aead_ctx_st;

namespace phyllo::identity {

// Copies share it.
class token_key {
 public:
  static constexpr std::size_t overhead = 16;  // octets of the tag

  explicit token_key(const sha256_digest& secret);

  // The sealed text is `overhead` longer than `plain`. `context` is not in it, and must be the same for opening.
  [[nodiscard]] core::bytes seal(core::byte_view context, core::byte_view plain) const;
  // Nullopt: made with another key or context, or altered.
  [[nodiscard]] std::optional<core::bytes> open(core::byte_view context, core::byte_view sealed) const;

 private:
  std::shared_ptr<const evp_aead_ctx_st> context_;
};

}  // namespace phyllo::identity
