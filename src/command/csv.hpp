// Lines of comma-separated values (RFC 4180): quotes enclose commas, and double to stand for themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/result.hpp"

namespace phyllo::command {

// The fields of one line (without its line end). node::errc::malformed for a quote that is not closed or closes early.
[[nodiscard]] core::result<std::vector<std::string>> parse_csv_line(std::string_view line);

// Quoted where it must be.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace phyllo::command
