#include "pre_scan.hpp"

#include <algorithm>
#include <charconv>

namespace phyllo::sip {
namespace {

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The next CR, LF or NUL, by the library's own search: every octet of the header passes here. The two others are looked for up to a NUL
// only, so that many of these cost no more.
std::size_t find_mark(std::string_view data, std::size_t at) noexcept {
  const auto before_nul = data.substr(at, data.find('\0', at) - at);
  const auto before_feed = before_nul.substr(0, before_nul.find('\n'));
  const auto mark = at + std::min(before_feed.find('\r'), before_feed.size());
  return mark == data.size() ? std::string_view::npos : mark;
}

enum class line_end : std::uint8_t { found, missing, fault };

// The end of the start line or of one header line that begins at `at`: after a CRLF that no white space follows.
line_end find_end(std::string_view data, std::size_t& at, bool foldable, std::size_t& lines) noexcept {
  while (true) {  // ends at the line's end or the data's
    const auto mark = find_mark(data, at);
    if (mark == std::string_view::npos || (mark + 1 == data.size() && data[mark] == '\r')) return line_end::missing;
    // s.25.1 quoted-pair: a backslash lets a NUL through.
    if (data[mark] == '\0' && mark > at && data[mark - 1] == '\\') {
      at = mark + 1;
      continue;
    }
    if (data.substr(mark, 2) != "\r\n") return line_end::fault;
    ++lines;
    at = mark + 2;
    if (!foldable || at >= data.size() || (data[at] != ' ' && data[at] != '\t')) return line_end::found;
  }
}

header_line cut(std::string_view raw) noexcept {
  header_line line;
  line.raw = raw;
  const auto colon = raw.find(':');
  if (colon == std::string_view::npos) return line;
  // s.7.3.1: white space may stand before the colon.
  const auto name = trimmed(raw.substr(0, colon));
  if (!is_token(name)) return line;
  line.name = name;
  line.id = field_of(name);
  line.value = trimmed(raw.substr(colon + 1));
  return line;
}

void note_length(scanned& s, std::string_view value) noexcept {
  std::size_t n = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), n);
  const bool number = ec == std::errc() && end == value.data() + value.size();
  const bool agrees = s.length_state == content_length::absent || (s.length_state == content_length::present && s.length == n);
  s.length_state = number && agrees ? content_length::present : content_length::broken;
  s.length = n;
}

}  // namespace

core::result<scanned> pre_scan(std::string_view data, bool bounded) {
  if (bounded && data.size() > message_limits::bytes_max) return core::fail(errc::too_large, "more than 64 KiB");
  std::size_t at = 0;
  while (data.substr(at).starts_with("\r\n")) at += 2;  // ends with the empty lines, which are finite
  const auto begin = at;

  scanned s;
  s.lines.reserve(16);
  const auto header = bounded ? data.substr(0, begin + message_limits::header_bytes_max) : data;
  std::size_t count = 0;
  while (true) {  // ends at the empty line, a limit, or a fault
    if (header.substr(at).starts_with("\r\n")) break;
    // Some senders leave the empty line out where no body follows.
    if (at == data.size() && at != begin) break;
    auto end = at;
    const auto state = find_end(header, end, at != begin, count);
    if (bounded && count > message_limits::header_lines_max + 1) return core::fail(errc::too_large, "more than 128 header lines");
    if (state == line_end::fault) return core::fail(errc::malformed, "a CR, LF or NUL by itself in the header");
    if (state == line_end::missing && header.size() < data.size()) return core::fail(errc::too_large, "more than 16 KiB of header");
    if (state == line_end::missing) return core::fail(errc::malformed, "no empty line ends the header");
    if (at == begin) {
      s.start_line = header.substr(at, end - at - 2);
    } else {
      s.lines.push_back(cut(header.substr(at, end - at)));
      if (s.lines.back().id == field::content_length) note_length(s, s.lines.back().value);
    }
    at = end;
  }
  if (at == begin) return core::fail(errc::malformed, "no start line");
  s.body = data.substr(std::min(at + 2, data.size()));
  return s;
}

}  // namespace phyllo::sip
