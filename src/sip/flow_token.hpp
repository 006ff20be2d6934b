// Signed names of flows (RFC 5626 s.5.2): the user part of the URIs that we put into Path and Record-Route, so that a
// request which comes back with one goes over the flow it names, and so that only such requests are relayed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

// Where a phone is reached: its connection, or for UDP the address it sends from (RFC 3581's reason).
struct flow {
  protocol by = protocol::udp;
  transport::endpoint remote;
  flow_id id = flow_id::none;

  // The same connection, or for UDP the same remote address.
  [[nodiscard]] bool same_as(const flow& other) const noexcept;
  // Only over this flow.
  [[nodiscard]] sip::destination to() const;
};
[[nodiscard]] flow flow_of(const source& s);

struct flow_token {
  enum class use : char {
    path = 'p',          // of a registration: requests to the phone
    record_route = 'r',  // of one dialog: requests within it
  };
  use purpose = use::record_route;
  std::optional<sip::flow> flow;  // none (record_route only): the next hop is known otherwise
};

//  use 'p'|'r' · hex of { protocol, flow id (8), port (2), address (4 or 16) }? and HMAC-SHA-256, 12 octets of it,
// over all before and, for a dialog's, its Call-ID.
class token_signer {
 public:
  explicit token_signer(core::bytes key);

  [[nodiscard]] std::string seal(const flow_token& t, std::string_view call_id) const;
  // nullopt: not ours, or of another dialog.
  [[nodiscard]] std::optional<flow_token> open(std::string_view text, std::string_view call_id) const;

 private:
  [[nodiscard]] core::bytes mac(core::byte_view content, flow_token::use purpose, std::string_view call_id) const;
  core::bytes key_;
};

}  // namespace phyllo::sip
