// SipRegistration, the value of Kind SIP-REGISTRATION (RFC 7904 s.3.2).
//
//   type (1) | length (2) of the rest | uri: length (2) AOR; route: length (2) contact preferences, length (2) Destination...
#pragma once

#include <string>

#include "phyllo/core/result.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/destination.hpp"

namespace phyllo::overlay {

enum class sip_registration_type : std::uint8_t { uri = 1, route = 2 };

struct sip_registration {
  sip_registration_type type = sip_registration_type::route;
  std::string uri;            // uri: another AOR, where to look on
  std::string contact_prefs;  // route: a contact predicate of RFC 3840, "(sip.schemes=SIPS)"
  destination_list route;     // route: how the user's node is reached, its Node-ID last

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<sip_registration> decode(core::byte_view value);  // invalid_record
  friend bool operator==(const sip_registration&, const sip_registration&) = default;
};

// The Resource Name of an AOR is the AOR without scheme, %-escapes decoded: what a certificate's rfc822Name says. H of it.
[[nodiscard]] resource_id user_resource(std::string_view user, resource_hash h = resource_hash::sha256);

}  // namespace phyllo::overlay
