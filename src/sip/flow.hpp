// Where a phone, or a proxy of others, is reached: its connection, or for UDP the address it sends from (RFC 3581's reason).
#pragma once

#include "transport_layer.hpp"

namespace phyllo::sip {

struct flow {
  protocol by = protocol::udp;
  transport::endpoint remote;
  flow_id id = flow_id::none;

  // The same connection, or for UDP the same remote address.
  [[nodiscard]] bool same_as(const flow& other) const noexcept {
    if (by != other.by) return false;
    return reliable(by) ? id == other.id : remote == other.remote;
  }
  friend bool operator==(const flow&, const flow&) = default;
};

[[nodiscard]] inline flow flow_of(const source& s) { return {s.by, s.remote, s.flow}; }

// Only over this flow.
[[nodiscard]] inline destination to_flow(const flow& f) {
  destination d;
  d.by = f.by;
  d.at = f.remote;
  d.flow = f.id;
  d.flow_only = true;
  return d;
}

}  // namespace phyllo::sip
