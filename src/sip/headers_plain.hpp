// Header values in the form in which nearly all are written, read where they stand: no white space within, no escapes, no comments.
//
// What is written in another way is not judged here (nullopt): sofia-sip's header classes read it (headers_parse.hpp). Where a value is
// read here, they read the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "headers.hpp"

namespace phyllo::sip {

[[nodiscard]] std::optional<uri> plain_uri(std::string_view text);
// Of one value of a list, or of a whole line; the views point into `text`.
[[nodiscard]] std::optional<via> plain_via(std::string_view text);
[[nodiscard]] std::optional<address> plain_address(std::string_view text);
[[nodiscard]] std::optional<contact> plain_contact(std::string_view text);

// As stamp_via has it.
[[nodiscard]] std::optional<std::string> plain_stamp(std::string_view text, std::string_view received, std::uint16_t rport);

}  // namespace phyllo::sip
