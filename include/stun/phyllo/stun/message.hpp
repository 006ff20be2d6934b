// A STUN message that holds its attributes (RFC 8489): for what is made, kept or asked rarely, as Binding is. What comes often is read by
// message_view and written by message_writer, over which this is.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/endpoint.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/stun/message_view.hpp"

namespace phyllo::stun {

enum class message_type : std::uint16_t {
  binding_request = 0x0001,
  binding_indication = 0x0011,
  binding_success = 0x0101,
  binding_error = 0x0111,
};

struct message {
  struct attribute {
    std::uint16_t type = 0;
    core::bytes value;
  };
  static constexpr std::size_t attributes_max = 32;

  message_type type = message_type::binding_request;
  transaction_id transaction{};
  std::vector<attribute> attributes;

  // Any message type is read, and what stands behind an integrity attribute, too. core::errc::malformed: as message_view::parse has it.
  [[nodiscard]] static core::result<message> decode(core::byte_view data);
  [[nodiscard]] core::bytes encode(bool with_fingerprint = false) const;

  [[nodiscard]] const core::bytes* find(std::uint16_t wanted) const noexcept;
  void add(std::uint16_t attribute_type, core::bytes value) { attributes.push_back({attribute_type, std::move(value)}); }
  void add_xor_mapped_address(const core::endpoint& e);
  [[nodiscard]] std::optional<core::endpoint> xor_mapped_address() const;
};

// The first attribute below 0x8000 that a Binding request may not hold, if any (RFC 8489 s.6.3.1: 420).
[[nodiscard]] std::vector<std::uint16_t> unknown_required_attributes(const message& m);

}  // namespace phyllo::stun
