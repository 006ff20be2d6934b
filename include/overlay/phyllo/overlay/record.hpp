// The seed's resource record: an XML document, the value of Kind RESOURCE.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

using binding = std::array<std::uint8_t, 16>;  // which entry of the dictionary: a device, or the writer's Node-ID

// One place where the subject can be reached.
struct location {
  std::string node_ip;                  // IPv4 or IPv6 text
  std::vector<std::string> transports;  // "UDP5060", "TCP5060", "TLS5061", in order of preference
  std::optional<node_id> node;          // the supernode that holds the flow
  std::string contact;                  // Contact URI as registered (user location)
  std::vector<std::string> path;        // Path URIs (RFC 3327), first hop first
  std::string instance;                 // +sip.instance
  std::string features;                 // the Contact's further parameters (RFC 3840): ";audio;+sip.ice"
  std::uint32_t reg_id = 0;
  double q = 1.0;
  std::uint64_t expires_at_ms = 0;  // of this contact, Unix ms; 0: the record's lifetime
};

// The binding of a `user location` under a domain's authority: the first 16 bytes of SHA-256 of the instance and reg-id,
// or of the Contact URI where the phone names no instance. So a phone that re-registers elsewhere replaces its own entry.
[[nodiscard]] binding binding_of(const location& l);

//  <resource><version>1.0</version><type>..</type><key>32 hex</key><lifetime>s</lifetime><timestamp>ms</timestamp>
//  <user_uri>..</user_uri> | <domain>..</domain>  <location>...</location>*  <value>..</value>?</resource>
// Elements and attributes beyond the seed's are ours; unknown ones are skipped.
struct record {
  phyllo::overlay::name name;
  std::uint32_t lifetime_s = 3600;
  std::uint64_t timestamp_ms = 0;  // equals storage_time; filled in by the overlay when it signs
  std::vector<location> locations;
  std::string value;  // opaque text for types other than locations (binary: base64 by the caller)

  [[nodiscard]] std::string xml() const;
  // Bounded: 4096 bytes, 32 locations. invalid_record with the place.
  [[nodiscard]] static core::result<record> parse(std::string_view xml);
};

}  // namespace phyllo::overlay
