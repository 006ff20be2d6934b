// Messages of a server under load, and what of them a caller's next requests repeat: nothing of it ends a line early.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "phyllo/core/bytes.hpp"
#include "sip_scan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  load::sip_scan s;
  if (!s.read(core::as_text({data, size}))) return 0;
  if (s.call_id.empty() || s.cseq == 0 || (s.status == 0) == s.uri.empty()) std::abort();
  for (const auto value : {load::parameter_of(s.to, "tag"), load::uri_of(s.contact)}) {
    if (value.find('\n') != std::string_view::npos) std::abort();
  }
  std::string routes;
  load::append_routes(routes, s);
  if (routes.size() > size + load::sip_scan::lines_max * 9) std::abort();
  return 0;
}
