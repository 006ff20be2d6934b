// Byte strings and their textual forms.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace phyllo::core {

using bytes = std::vector<std::uint8_t>;
using byte_view = std::span<const std::uint8_t>;

[[nodiscard]] byte_view as_bytes(std::string_view text) noexcept;
[[nodiscard]] std::string_view as_text(byte_view data) noexcept;
[[nodiscard]] bytes to_bytes(std::string_view text);
[[nodiscard]] bytes to_bytes(byte_view data);
void append(bytes& to, byte_view data);
[[nodiscard]] bool equal(byte_view a, byte_view b) noexcept;
// Of ASCII's letters; others compare as they are.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

// Lower case; from_hex takes either case and nothing but digits.
[[nodiscard]] std::string to_hex(byte_view data);
[[nodiscard]] std::optional<bytes> from_hex(std::string_view text);

// RFC 4648 s.4 with padding; from_base64 skips white space and refuses everything else.
[[nodiscard]] std::string to_base64(byte_view data);
[[nodiscard]] std::optional<bytes> from_base64(std::string_view text);

}  // namespace phyllo::core
