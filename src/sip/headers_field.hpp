// The names of header fields, long and compact (RFC 3261 s.7.3.3, s.20).
#pragma once

#include <cstdint>
#include <string_view>

namespace phyllo::sip {

// Those that a proxy or registrar reads. All others are `other` and travel as text.
enum class field : std::uint8_t {
  other,
  via,
  from,
  to,
  call_id,
  cseq,
  contact,
  content_length,
  content_type,
  route,
  record_route,
  path,
  max_forwards,
  expires,
  supported,
  require,
  proxy_require,
  authorization,
  proxy_authorization,
};
inline constexpr std::size_t field_count = 19;

[[nodiscard]] field field_of(std::string_view name) noexcept;  // long or compact, without case

// "Subject" for "s"; the name itself when it is no compact form.
[[nodiscard]] std::string_view long_name(std::string_view name) noexcept;

[[nodiscard]] bool is_token(std::string_view text) noexcept;  // RFC 3261 s.25.1; not empty

}  // namespace phyllo::sip
