// Via values of neighbours, which may say how much less they want, and responses into which it is written: whoever has offered to obey
// reads what was written, and nothing but the topmost Via changes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "phyllo/core/bytes.hpp"
#include "sip/glance.hpp"
#include "sip/message.hpp"
#include "sip/message_fields.hpp"
#include "sip/overload_report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const std::string before(core::as_text({data, size}));
  static_cast<void>(sip::read_report(before));
  auto text = before;
  const sip::overload_report told{42, std::chrono::milliseconds(700), 123'456'789};
  if (!sip::write_report(text, told)) {
    if (text != before) std::abort();
    return 0;
  }
  const auto via = sip::field_of(text, "Via", 'v');
  const auto behind = [](const std::string& t) { return t.substr(t.find("\n\r\n") == std::string::npos ? t.size() : t.find("\n\r\n")); };
  if (via.find("oc=42") == std::string_view::npos || behind(text) != behind(before)) std::abort();
  const auto m = sip::message::parse({data, size}, sip::framing::datagram);
  if (!m || m->defect() || m->is_request()) return 0;
  const auto again = sip::message::parse(core::as_bytes(text), sip::framing::datagram);
  if (!again || again->defect() || again->vias().size() != m->vias().size()) std::abort();
  const auto heard = sip::read_report(top_via_text(*again));
  if (!heard || heard->percent != told.percent || heard->sequence != told.sequence) std::abort();
  return 0;
}
