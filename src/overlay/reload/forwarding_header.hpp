// The forwarding header (RFC 6940 s.6.3.2): all that a forwarding node looks at.
//
//   0        relo_token = d2 45 4c 4f
//   4        overlay: low 32 bits of SHA-1(overlay name)
//   8        configuration_sequence (2)      version (1) = 0a      ttl (1)
//   12       fragment: 80000000 always, 40000000 last, low 24 bits offset
//   16       length of the whole message
//   20       transaction_id (8)
//   28       max_response_length
//   32       via_list_length (2)  destination_list_length (2)  options_length (2)
//   38       via list, destination list, options; then MessageContents and SecurityBlock
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/destination.hpp"

namespace phyllo::overlay {

constexpr std::uint32_t relo_token = 0xd2454c4f;
// RFC 6940 s.6.3.2: "Nodes MUST reject messages with other versions."
constexpr std::uint8_t reload_version = 0x0a;
// RFC 6940 s.6.3.2.1: with it, a ConfigUpdate "MUST be accepted regardless of the receiving node's configuration".
constexpr std::uint16_t any_sequence = 65535;
constexpr std::uint32_t whole_message = 0xc0000000;  // first and last fragment
constexpr std::size_t fixed_header_size = 38;
constexpr std::size_t destinations_max = 128;  // entries of one list; initial-ttl bounds honest via lists at 100

// MessageContents and SecurityBlock as they were received or sealed, shared by all copies of a message.
using payload_ptr = std::shared_ptr<const core::bytes>;

struct forwarding_option {
  static constexpr std::uint8_t forward_critical = 0x01;
  static constexpr std::uint8_t destination_critical = 0x02;
  static constexpr std::uint8_t response_copy = 0x04;
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  core::bytes content;
  friend bool operator==(const forwarding_option&, const forwarding_option&) = default;
};

// "any node generating a response MUST copy the option ... except that the ... flags MUST be cleared" (s.6.3.2.3)
[[nodiscard]] std::vector<forwarding_option> copied_to_response(const std::vector<forwarding_option>& options);

struct forwarding_header {
  std::uint32_t overlay = 0;
  std::uint16_t configuration_sequence = 0;
  std::uint8_t ttl = 0;
  std::uint32_t fragment = whole_message;
  std::uint64_t transaction_id = 0;
  std::uint32_t max_response_length = 0;
  destination_list via;
  destination_list destinations;
  std::vector<forwarding_option> options;

  // A whole message: the header with `payload` behind it and `length` right.
  [[nodiscard]] core::bytes message(core::byte_view payload) const;
};

// For an answer to what came by `previous_hop` with this via list: that hop, then the list reversed; loops cut out, so that no entry comes
// twice.
[[nodiscard]] destination_list return_path(const destination_list& via, const std::optional<node_id>& previous_hop);

struct parsed_message {
  forwarding_header header;
  core::byte_view payload;  // of the bytes given
  bool whole = true;        // false: the message is longer than the bytes given
};

// invalid_message with what is wrong: token, version, lengths, lists.
[[nodiscard]] core::result<parsed_message> parse_header(core::byte_view message);
// The same of its first bytes, with the lists at least.
[[nodiscard]] core::result<parsed_message> parse_beginning(core::byte_view message);

}  // namespace phyllo::overlay
