// Text of strangers: whether it is UTF-8 without control characters, and a form that a log can bear.
#pragma once

#include <string>
#include <string_view>

namespace phyllo::overlay {

// Well-formed UTF-8 (RFC 3629) without C0 controls and DEL.
[[nodiscard]] bool plain_utf8(std::string_view text) noexcept;

// ASCII only, '?' for all else, at most 80 characters.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace phyllo::overlay
