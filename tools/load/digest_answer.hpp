// A client's answer to a digest challenge (RFC 7616, RFC 8760): MD5 or SHA-256, qop auth or none, without memory of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace phyllo::load {

enum class digest_choice : std::uint8_t { any, md5, sha256 };  // any: SHA-256 where it is offered

struct digest_offer {
  std::string_view realm, nonce, opaque;
  bool sha256 = false;
  bool qop_auth = false;

  // Of the value of a WWW-Authenticate or Proxy-Authenticate; nothing: no Digest, or an algorithm that is not spoken here.
  [[nodiscard]] static std::optional<digest_offer> read(std::string_view value) noexcept;
  // The one to answer; nothing: none that `choice` allows.
  [[nodiscard]] static std::optional<digest_offer> best(std::span<const std::string_view> values, digest_choice choice) noexcept;
};

struct digest_request {
  std::string_view user, password, method, uri, cnonce;
};

// Appends "Authorization: Digest ...", or Proxy-Authorization, with its line end.
void append_authorization(std::string& to, bool proxy, const digest_offer& o, const digest_request& r);

}  // namespace phyllo::load
