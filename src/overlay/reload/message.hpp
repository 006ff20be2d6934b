// MessageContents and SecurityBlock, signing and verification (RFC 6940 s.6.3.3, s.6.3.4).
//
//   MessageContents: message_code (2) | length (4) body | length (4) extensions: type (2) critical (1) length (4) content
//   SecurityBlock:   length (2) certificates: type (1) = 0, X.509 | length (2) DER
//                    signature: as identity::signature; over overlay (4) | transaction_id (8) | MessageContents | SignerIdentity
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/signature.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/message_codes.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

constexpr std::size_t extensions_max = 16;
constexpr std::size_t certificates_max = 64;  // of one message; a full Fetch answer has as many signers

// What of a message is covered by its signature, then the security block: a payload, ready for any forwarding header.
[[nodiscard]] core::bytes seal_payload(const message_contents& m, std::uint32_t overlay, std::uint64_t transaction,
                                       const identity::credential& by);

// A payload taken apart but not yet believed. Views are into the payload.
struct opened_payload {
  message_contents contents;  // without certificates
  core::byte_view signed_part;
  std::vector<core::byte_view> certificates;  // DER
  identity::signature signature;
};

// invalid_message with the place. Parses no certificate.
[[nodiscard]] core::result<opened_payload> open_payload(core::byte_view payload);

// identity's bad_signature, unknown_signer, unsupported_algorithm.
[[nodiscard]] core::status verify_payload(const opened_payload& p, std::uint32_t overlay, std::uint64_t transaction,
                                          const identity::certificate& signer);

// The code alone, 0 when there is none: all that a forwarding node may ask of a payload.
[[nodiscard]] std::uint16_t peek_code(core::byte_view payload) noexcept;

//  ErrorResponse: error_code (2) | length (2) error_info
struct error_response {
  std::uint16_t code = 0;
  std::string info;
};
[[nodiscard]] message_contents make_error(std::uint16_t error, std::string_view info = {});
[[nodiscard]] core::result<error_response> read_error(const message_contents& m);
// Of Error_Unknown_Kind: error_info is KindId unknown_kinds<0..2^8-1>; empty where it is no such list.
[[nodiscard]] std::vector<std::uint32_t> unknown_kinds_in(const error_response& e);
// The error of the API that a RELOAD error stands for, with its name and text.
[[nodiscard]] core::error to_error(const error_response& e);

}  // namespace phyllo::overlay
