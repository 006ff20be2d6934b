// The overlay configuration document (RFC 6940 s.11.1; spec A3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"

namespace phyllo::identity {

inline constexpr std::uint16_t sequence_max = 65534;  // of a document: "between 0 and 2^16-2" (RFC 6940 s.11.1.1)

struct bootstrap_node {
  std::string address;
  std::uint16_t port = 6084;
};

// Whose AORs a SIP-REGISTRATION may be of (RFC 7904 s.3.4): where it is not enabled, those of the overlay's own name.
struct domain_restrictions {
  bool enabled = false;
  std::vector<std::string> patterns;  // POSIX extended regular expressions that a whole domain matches
  friend bool operator==(const domain_restrictions&, const domain_restrictions&) = default;
};

struct kind_definition {
  std::uint32_t id = 0;
  std::string name;        // of a registered Kind; empty for private ones
  std::string data_model;  // SINGLE, ARRAY, DICTIONARY
  std::string access_control;
  std::uint32_t max_count = 0;
  std::uint32_t max_size = 0;
  std::uint32_t max_node_multiple = 0;                        // of NODE-MULTIPLE: the greatest i
  std::optional<domain_restrictions> domains = std::nullopt;  // of SIP-REGISTRATION; nothing: any
  friend bool operator==(const kind_definition&, const kind_definition&) = default;
};

// Who may ask for a diagnostic Kind (RFC 7851 s.7).
struct diagnostic_access {
  std::uint16_t kind = 0;
  std::vector<node_id> nodes;
  friend bool operator==(const diagnostic_access&, const diagnostic_access&) = default;
};

// Topology plug-ins that are known here. What another version of one is has another name.
inline constexpr std::string_view pastry_topology = "PHYLLO-PASTRY";
inline constexpr std::string_view chord_topology = "CHORD-RELOAD";

// Of CHORD-RELOAD (RFC 6940 s.11.1), with its defaults.
struct chord_settings {
  std::uint32_t update_interval_s = 600;  // "about every ten minutes" (s.10.7.4.1)
  std::uint32_t ping_interval_s = 3600;   // "defaults to 3600 seconds" (s.10.7.4.2)
  bool reactive = true;                   // "if missing, the default is true" (s.11.1)
  friend bool operator==(const chord_settings&, const chord_settings&) = default;
};

struct configuration {
  std::string instance_name;
  std::uint16_t sequence = 1;
  core::wall_time expiration;
  std::string topology_plugin{pastry_topology};
  chord_settings chord;  // printed where that is the plug-in
  std::uint16_t node_id_length = 16;
  std::vector<core::bytes> root_certificates;   // DER
  std::vector<std::string> enrollment_servers;  // URLs
  std::vector<bootstrap_node> bootstrap_nodes;
  std::vector<node_id> configuration_signers;
  std::vector<node_id> kind_signers;  // printed beside the configuration-signers, who sign Kinds too
  std::vector<node_id> bad_nodes;
  std::vector<kind_definition> kinds;
  std::vector<diagnostic_access> diagnostics;  // Kinds that are not named here are told to every node
  std::uint32_t max_message_size = 65536;
  std::uint8_t initial_ttl = 30;
  std::uint32_t overlay_reliability_timer_ms = 1000;
  bool clients_permitted = true;
  bool no_ice = true;
};

// Our private Kind of records.
inline constexpr std::uint32_t resource_kind = 0xF0000001;
// What every document of ours requires: RESOURCE and SIP-REGISTRATION.
[[nodiscard]] std::vector<kind_definition> standard_kinds();

// The document's text, signed by `signer` (a configuration-signer); the signer's certificate is put beside the
// signature, so that readers need not have it. Kind blocks are signed alike (kind-signer = configuration-signer).
[[nodiscard]] std::string print(const configuration& c, const credential& signer);

struct parsed_configuration {
  configuration content;
  std::string text;  // as received, to be passed on byte for byte
};
// Parses and checks: malformed_document (with the place), bad_signature, unknown_signer, expired, older_document.
// `signers` are certificates that may have signed, besides those that the document brings itself. The one named must
// chain to a root-cert of the document and be a configuration-signer; when `known` is given, all this of that
// earlier document too, and the sequence must be higher ("Any configuration file MUST be signed by one of the
// configuration-signer elements from the previous extant configuration", RFC 6940 s.11.1). At most 1 MiB, no
// document type, 16 levels. A document with an unknown mandatory-extension, another topology plug-in than
// ours, or that permits self-signed certificates, is refused.
[[nodiscard]] core::result<parsed_configuration> parse_configuration(std::string_view text, const std::vector<certificate>& signers,
                                                                     core::wall_time now, const configuration* known = nullptr);

// A Kind by itself, as ConfigUpdate carries it (RFC 6940 s.6.5.4.1).
struct kind_block {
  kind_definition definition;
  node_id signer;
  std::string text;
};
// Of a private Kind. The signer's certificate is put beside the signature.
[[nodiscard]] std::string print_kind_block(const kind_definition& k, const credential& signer);
// "MUST be digitally signed by an acceptable Kind signer (i.e., one listed in the current configuration file)". `signers` are certificates
// that may have signed, besides those that the block and the document bring. malformed_document, bad_signature, unknown_signer.
[[nodiscard]] core::result<kind_block> parse_kind_block(std::string_view text, const parsed_configuration& current,
                                                        const std::vector<certificate>& signers, core::wall_time now);
// The text of the block in which the document defines a Kind, as it stands there; empty: it does not.
[[nodiscard]] std::string kind_block_of(const parsed_configuration& document, std::uint32_t kind);

}  // namespace phyllo::identity
