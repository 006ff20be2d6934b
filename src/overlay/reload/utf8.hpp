// Text of strangers: whether it is UTF-8 without control characters, and a form that a log can bear.
#pragma once

#include <string>
#include <string_view>

namespace phyllo::overlay {

// Well-formed UTF-8 (RFC 3629) without C0 controls and DEL.
[[nodiscard]] bool plain_utf8(std::string_view text) noexcept;

// The first character of well-formed or other text that XML can not hold, as "U+0001" (XML 1.0 s.2.2); empty: there is none.
[[nodiscard]] std::string not_for_xml(std::string_view text);

// ASCII only, '?' for all else, at most 80 characters.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace phyllo::overlay
