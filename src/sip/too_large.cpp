#include "too_large.hpp"

#include "message_edit.hpp"
#include "pre_scan.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t bytes_read = 8 * 1024;
constexpr std::size_t lines_read = 64;
static_assert(bytes_read < message_limits::header_bytes_max && lines_read < message_limits::header_lines_max);

bool tells_length(std::string_view line) {
  const auto name = line.substr(0, line.find_first_of(": \t"));
  return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "l");
}

// The header's first whole lines, as a message without a body.
std::string beginning_of(std::string_view text) {
  std::string out;
  text = text.substr(0, bytes_read);
  for (std::size_t lines = 0; lines < lines_read; ++lines) {
    const auto end = text.find("\r\n");
    if (end == std::string_view::npos || end == 0) break;
    const auto line = text.substr(0, end + 2);
    if (!tells_length(line)) out += line;
    text.remove_prefix(line.size());
  }
  return out + "Content-Length: 0\r\n\r\n";
}

}  // namespace

core::result<message> refuse_too_large(std::string_view begun, const transport::endpoint& source) {
  const auto readable = beginning_of(begun);
  auto m = message::parse(core::as_bytes(readable), framing::datagram);
  if (!m) return core::fail(m.error());
  if (!m->is_request() || m->method() == method::ack || m->vias().empty()) return core::fail(errc::malformed);
  stamp_received(*m, source);
  return m->reply(513);
}

}  // namespace phyllo::sip
