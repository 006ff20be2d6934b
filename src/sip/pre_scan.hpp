// What is checked of a SIP message before any parser sees it, and its cut into header lines (RFC 3261 s.7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "headers_field.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/sip/errc.hpp"

namespace phyllo::sip {

struct message_limits {
  // sofia-sip's cost per field grows with its length, and nothing honest is larger.
  static constexpr std::size_t header_bytes_max = 16 * 1024;
  static constexpr std::size_t header_lines_max = 128;
  static constexpr std::size_t values_max = 100;  // of Via, Route, Record-Route, Path or Contact: Max-Forwards ends a way after 70
  static constexpr std::size_t bytes_max = 64 * 1024;
};

// One header field as received. Views into the scanned bytes.
struct header_line {
  field id = field::other;
  std::string_view raw;    // with its continuation lines and the last CRLF
  std::string_view name;   // "" when there is no token before a colon
  std::string_view value;  // trimmed; may hold folds (CRLF and white space)
};

enum class content_length : std::uint8_t {
  absent,
  present,
  broken,  // no number, or two that differ
};

struct scanned {
  std::string_view start_line;
  std::vector<header_line> lines;
  std::string_view body;  // all after the empty line
  content_length length_state = content_length::absent;
  std::size_t length = 0;
};

// errc::too_large, or errc::malformed: no empty line ends the header, a CR or LF by itself, or a
// NUL that is not quoted. Empty lines before
// the start line are skipped (s.7.5). Not `bounded`: of our own making, and no limit holds.
[[nodiscard]] core::result<scanned> pre_scan(std::string_view data, bool bounded = true);

}  // namespace phyllo::sip
