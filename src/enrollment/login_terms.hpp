// Paths, fields and words that login server and client share (enrollment.md beside this file specifies them).
#pragma once

#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/identity/node_id.hpp"

namespace phyllo::enrollment {

inline constexpr std::string_view enroll_path = "/.well-known/reload-enroll";
inline constexpr std::string_view renew_path = "/.well-known/phyllo-renew";
inline constexpr std::string_view domain_keys_path = "/.well-known/phyllo-domain-keys";
inline constexpr std::string_view configuration_path = "/.well-known/reload-config";
inline constexpr std::string_view supernodes_path = "/.well-known/phyllo-supernodes";
inline constexpr std::string_view revocations_path = "/.well-known/phyllo-revocations";
inline constexpr std::string_view signer_path = "/.well-known/phyllo-signer";

inline constexpr std::string_view certificate_type = "application/pkix-cert";  // RFC 2585
inline constexpr std::string_view document_type = "application/p2p-overlay+xml";
inline constexpr std::string_view sealed_type = "application/octet-stream";

// RFC 6940 s.11.3
inline constexpr std::string_view failed_authentication_token = "failed_authentication";
inline constexpr std::string_view username_token = "username_not_available";
inline constexpr std::string_view node_ids_token = "Node-IDs_not_available";
inline constexpr std::string_view bad_csr_token = "bad_CSR";

// Ours: the values of `role`.
inline constexpr std::string_view peer_role = "peer";
inline constexpr std::string_view client_role = "client";

inline constexpr std::size_t seal_key_bytes = 32;

// HPKE's info: binds sealed domain keys to the node they are for.
[[nodiscard]] inline core::bytes domain_keys_context(const identity::node_id& node) {
  return core::to_bytes("phyllo domain keys:" + node.hex());
}

// 1 to 128 printable ASCII characters without spaces: a host's name, an address, a serial number.
[[nodiscard]] bool valid_device(std::string_view text) noexcept;

}  // namespace phyllo::enrollment
