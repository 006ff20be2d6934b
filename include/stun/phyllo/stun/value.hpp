// The values of STUN's attributes that have a form (RFC 8489 s.14, RFC 8656 s.18). A reader answers nullopt to what has another form.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/endpoint.hpp"
#include "phyllo/stun/message_view.hpp"

namespace phyllo::stun {

// RFC 8489 s.14.1, RFC 8656 s.18.6.
enum class address_family : std::uint8_t { v4 = 1, v6 = 2 };
[[nodiscard]] inline address_family family_of(const asio::ip::address& a) noexcept {
  return a.is_v6() ? address_family::v6 : address_family::v4;
}

// Password algorithms (RFC 8489 s.18.5). Neither has parameters.
enum class password_algorithm : std::uint16_t { md5 = 1, sha256 = 2 };

[[nodiscard]] std::optional<std::uint8_t> octet_of(core::byte_view value) noexcept;  // of one octet or of four
[[nodiscard]] std::optional<std::uint16_t> number16_of(core::byte_view value) noexcept;
[[nodiscard]] std::optional<std::uint32_t> number32_of(core::byte_view value) noexcept;
[[nodiscard]] std::optional<std::uint64_t> number64_of(core::byte_view value) noexcept;

[[nodiscard]] std::optional<core::endpoint> address_of(core::byte_view value) noexcept;
[[nodiscard]] std::optional<core::endpoint> xor_address_of(core::byte_view value, const transaction_id& transaction) noexcept;
// Of the first attribute of that type.
[[nodiscard]] std::optional<core::endpoint> xor_address_in(const message_view& m, std::uint16_t type) noexcept;
// Into 8 or 20 octets; how many it took.
std::size_t write_address(std::span<std::uint8_t> into, const core::endpoint& e) noexcept;
std::size_t write_xor_address(std::span<std::uint8_t> into, const core::endpoint& e, const transaction_id& transaction) noexcept;
[[nodiscard]] std::size_t address_size(const core::endpoint& e) noexcept;

struct error_value {
  int code = 0;  // 300 to 699
  std::string_view reason;
};
[[nodiscard]] std::optional<error_value> error_of(core::byte_view value) noexcept;

struct address_error_value {
  address_family family = address_family::v4;
  int code = 0;
};
[[nodiscard]] std::optional<address_error_value> address_error_of(core::byte_view value) noexcept;

[[nodiscard]] std::optional<address_family> family_value(core::byte_view value) noexcept;

struct icmp_value {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t data = 0;
};
[[nodiscard]] std::optional<icmp_value> icmp_of(core::byte_view value) noexcept;

// Of PASSWORD-ALGORITHM: nullopt also for one that we do not know.
[[nodiscard]] std::optional<password_algorithm> algorithm_of(core::byte_view value) noexcept;
// The first of PASSWORD-ALGORITHMS that we know.
[[nodiscard]] std::optional<password_algorithm> preferred_algorithm(core::byte_view value) noexcept;

// Of UNKNOWN-ATTRIBUTES: how many it names, at most as many as fit into `into`.
[[nodiscard]] std::size_t types_of(core::byte_view value, std::span<std::uint16_t> into) noexcept;

}  // namespace phyllo::stun
