// Words and numbers of the configuration document that its printer and its parser share (RFC 6940 s.11.1).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace phyllo::identity {

inline constexpr std::string_view base_namespace = "urn:ietf:params:xml:ns:p2p:config-base";
inline constexpr std::string_view sip_namespace = "urn:ietf:params:xml:ns:p2p:config-base:sip";             // RFC 7904 s.3.4
inline constexpr std::string_view diagnostics_namespace = "urn:ietf:params:xml:ns:p2p:config-diagnostics";  // RFC 7851 s.9.6
inline constexpr std::string_view chord_namespace = "urn:ietf:params:xml:ns:p2p:config-chord";              // RFC 6940 s.11.1

// Registered Kinds: "the data-model and access-control elements MUST match those in the Kind registration, and
// clients MUST ignore them in favor of the IANA versions".
struct registered_kind {
  std::uint32_t id;
  std::string_view name;
  std::string_view data_model;
  std::string_view access_control;
};
inline constexpr std::array<registered_kind, 5> registered_kinds{{
    {0x1, "SIP-REGISTRATION", "DICTIONARY", "USER-NODE-MATCH"},  // RFC 7904 s.7
    {0x2, "TURN-SERVICE", "SINGLE", "NODE-MULTIPLE"},            // RFC 6940 s.9
    {0x3, "CERTIFICATE_BY_NODE", "ARRAY", "NODE-MATCH"},         // RFC 6940 s.8
    {0x10, "CERTIFICATE_BY_USER", "ARRAY", "USER-MATCH"},        // RFC 6940 s.8
    {0x104, "REDIR", "DICTIONARY", "NODE-ID-MATCH"},             // RFC 7374 s.6
}};

}  // namespace phyllo::identity
