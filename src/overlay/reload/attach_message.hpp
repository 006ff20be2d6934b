// Bodies of Attach and AppAttach (RFC 6940 s.6.5.1, s.6.5.2).
//
//   IpAddressPort: type (1): 1 IPv4, 2 IPv6 | length (1): 6, 18 | address | port (2)
//   IceCandidate:  IpAddressPort | overlay_link (1) | length (1) foundation | priority (4) | cand-type (1): 1 host,
//                  2 srflx and 4 relay with a second IpAddressPort | length (2) extensions: length (2) name, length (2) value
//   AttachReqAns:  length (1) ufrag | length (1) password | length (1) role | length (2) IceCandidate... | send_update (1)
//   AppAttach:     length (1) ufrag | length (1) password | application (2) | length (1) role | length (2) IceCandidate...
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/application.hpp"
#include "phyllo/overlay/errc.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::overlay {

constexpr std::size_t candidates_max = 16;

struct attach_message {
  std::string ufrag, password;
  std::string role;  // "passive" in requests, "active" in answers
  std::vector<ice_candidate> candidates;
  bool send_update = false;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<attach_message> decode(core::byte_view body);  // invalid_message
  friend bool operator==(const attach_message&, const attach_message&) = default;
};

struct app_attach_message {
  std::uint16_t application = 0;
  application_offer offer;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<app_attach_message> decode(core::byte_view body);  // invalid_message
  friend bool operator==(const app_attach_message&, const app_attach_message&) = default;
};

// "An overlay MUST be either all ICE or all No-ICE" (s.6.5.1.5).
[[nodiscard]] bool mixes_ice(const std::vector<ice_candidate>& theirs);

// What this node's Attach says, and what of another's can be dialled here (No-ICE link types, select_places).
[[nodiscard]] std::vector<ice_candidate> to_ice(const std::vector<transport::candidate>& own);
[[nodiscard]] std::vector<transport::candidate> diallable(const std::vector<ice_candidate>& theirs);

}  // namespace phyllo::overlay
