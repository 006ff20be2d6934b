#include "response_target.hpp"

namespace phyllo::sip {
namespace {

constexpr std::uint16_t sip_port = 5060;
constexpr std::uint16_t sips_port = 5061;

}  // namespace

destination response_target(const message& request, const source& from) {
  destination to;
  to.by = from.by;
  to.at = from.remote;
  to.flow = from.flow;
  const auto top = request.top_via();
  if (!top) return to;
  if (from.by == protocol::udp && top->has_rport) return to;
  // Without rport, and for a stream that has closed meanwhile: the port in sent-by, or the default one.
  to.at.port = top->port != 0 ? top->port : secure(from.by) ? sips_port : sip_port;
  return to;
}

}  // namespace phyllo::sip
