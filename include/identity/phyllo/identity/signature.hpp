// RELOAD signatures (RFC 6940 s.6.3.4; spec A2): algorithm, signer identity, value; 105 bytes with Ed25519.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/identity/certificate.hpp"

namespace phyllo::identity {

//  hash (1) | algorithm (1) | identity type (1) | length (2) | identity value | length (2) | signature
struct signature {
  std::uint8_t hash = 8;
  std::uint8_t algorithm = 7;
  std::uint8_t identity_type = 1;  // 1 cert_hash, 2 cert_hash_node_id, 3 none
  core::bytes identity_value;      // cert_hash: hash algorithm (1) | length (1) | hash of the certificate
  core::bytes value;

  // The fingerprint a cert_hash identity names; nothing for other identity types.
  [[nodiscard]] const std::uint8_t* certificate_hash() const noexcept;  // 32 bytes or null
  void write(core::wire_writer& w) const;
  [[nodiscard]] static signature read(core::wire_reader& r);  // failure is the reader's
};

// Signs parts · SignerIdentity.
[[nodiscard]] signature sign(const credential& by, std::initializer_list<core::byte_view> parts);

// Verifies with the signer's certificate: bad_signature, unknown_signer (the identity names another certificate),
// unsupported_algorithm. It does not ask `trust`.
[[nodiscard]] core::status verify(const signature& s, const certificate& signer, std::initializer_list<core::byte_view> parts);

}  // namespace phyllo::identity
