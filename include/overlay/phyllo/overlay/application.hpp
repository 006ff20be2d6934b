// AppAttach (RFC 6940 s.6.5.2): how an application on one node agrees with one on another on where their traffic goes,
// by a request and an answer through the overlay. What is carried is an ICE offer; the connection is the application's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::overlay {

enum class candidate_type : std::uint8_t { host = 1, server_reflexive = 2, relay = 4 };

struct ice_extension {
  std::string name, value;
  friend bool operator==(const ice_extension&, const ice_extension&) = default;
};

struct ice_candidate {
  transport::endpoint at;
  std::uint8_t overlay_link = 3;  // as transport::link_kind; types of others are kept as they are
  std::string foundation;
  std::uint32_t priority = 0;
  candidate_type type = candidate_type::host;
  std::optional<transport::endpoint> related;  // of srflx and relay
  std::vector<ice_extension> extensions;
  friend bool operator==(const ice_candidate&, const ice_candidate&) = default;
};

// What one side says: at most 16 candidates, 255 bytes a text.
struct application_offer {
  std::string ufrag, password;
  std::string role;  // "passive" of who asks, "active" of who answers; set on its way
  std::vector<ice_candidate> candidates;
  friend bool operator==(const application_offer&, const application_offer&) = default;
};

// Application-IDs are port numbers (RFC 6940 s.14.5): 5060 SIP, 5061 SIPS.
//
// Answers an offer of `from`, which its certificate names; awaited on the overlay's executor, at most 64 at once, and
// cancelled when the peer stops. An error is sent as Error_Forbidden (errc::forbidden) or Error_Not_Found.
using application_handler =
    std::function<core::awaitable<core::result<application_offer>>(identity::node_id from, application_offer theirs)>;

}  // namespace phyllo::overlay
