// The cut of a SIP message into header lines: no line is lost, and the limits hold.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/core/bytes.hpp"
#include "sip/pre_scan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const auto text = core::as_text({data, size});
  const auto s = sip::pre_scan(text);
  if (!s) return 0;
  if (s->lines.size() > sip::message_limits::header_lines_max) std::abort();
  std::size_t total = s->start_line.size() + 2;
  for (const auto& line : s->lines) {
    if (!line.raw.ends_with("\r\n") || line.value.size() > line.raw.size()) std::abort();
    total += line.raw.size();
  }
  if (total > sip::message_limits::header_bytes_max || total + s->body.size() > text.size()) std::abort();
  return 0;
}
