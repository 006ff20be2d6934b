#include "response_target.hpp"

#include "host_name.hpp"
#include "message_fields.hpp"

namespace phyllo::sip {
namespace {

// The sender sees itself at the address that it is seen at: no NAT lies between, and the port that it names is its own.
bool knows_its_address(const via& v, const source& from) { return host_address(v.host) == from.remote.address; }

}  // namespace

destination response_target(const message& request, const source& from) {
  destination to;
  to.by = from.by;
  to.at = from.remote;
  to.flow = from.flow;
  const auto top = top_via(request);
  const auto sent_by_port = top && top->port != 0 ? top->port : default_port(from.by);
  if (from.peer) {
    // A node is dialled where it says that it listens; nobody else answers for it.
    to.node = from.peer->node();
    to.at.port = sent_by_port;
  } else if (reliable(from.by)) {
    to.flow_only = true;
  } else if (top && !top->has_rport && knows_its_address(*top, from)) {
    to.at.port = sent_by_port;
  }
  return to;
}

}  // namespace phyllo::sip
