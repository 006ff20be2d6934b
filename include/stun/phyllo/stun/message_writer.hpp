// Writes a STUN message into octets that somebody else owns (RFC 8489 s.5, s.14), without allocation. Nothing of what lay there before
// is left in the message: padding is zero.
#pragma once

#include <span>
#include <string_view>

#include "phyllo/core/endpoint.hpp"
#include "phyllo/stun/message_view.hpp"
#include "phyllo/stun/value.hpp"

namespace phyllo::stun {

// A message that has no room makes it fail for good, and done() is then empty. The octets must outlive it.
class message_writer {
 public:
  message_writer(std::span<std::uint8_t> into, std::uint16_t type, const transaction_id& transaction) noexcept;
  message_writer(std::span<std::uint8_t> into, method m, message_class c, const transaction_id& transaction) noexcept
      : message_writer(into, type_of(m, c), transaction) {}

  void add(std::uint16_t type, core::byte_view value) noexcept;
  void add_text(std::uint16_t type, std::string_view value) noexcept { add(type, core::as_bytes(value)); }
  void add_flag(std::uint16_t type) noexcept { add(type, {}); }
  // The value and three octets of zero; EVEN-PORT: the value alone.
  void add_octet(std::uint16_t type, std::uint8_t value) noexcept;
  void add_number16(std::uint16_t type, std::uint16_t value) noexcept;  // and two octets of zero
  void add_number32(std::uint16_t type, std::uint32_t value) noexcept;
  void add_number64(std::uint16_t type, std::uint64_t value) noexcept;
  void add_address(std::uint16_t type, const core::endpoint& e) noexcept;
  void add_xor_address(std::uint16_t type, const core::endpoint& e) noexcept;
  void add_error(int code, std::string_view reason = {}) noexcept;
  void add_address_error(address_family family, int code) noexcept;
  void add_types(std::uint16_t type, std::span<const std::uint16_t> types) noexcept;
  void add_algorithm(password_algorithm a) noexcept;
  void add_algorithms(std::span<const password_algorithm> offered) noexcept;
  void add_icmp(const icmp_value& v) noexcept;

  // In this order, and last (RFC 8489 s.14.5 to s.14.7). `size`: 16 to 32 in fours.
  void add_integrity(core::byte_view key);
  void add_integrity_sha256(core::byte_view key, std::size_t size = 32);
  void add_fingerprint() noexcept;

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  // The message; empty: there was no room.
  [[nodiscard]] core::byte_view done() const noexcept { return ok_ ? core::byte_view(into_.first(size_)) : core::byte_view(); }

 private:
  [[nodiscard]] std::span<std::uint8_t> open(std::uint16_t type, std::size_t size) noexcept;
  void set_length(std::size_t end) noexcept;

  std::span<std::uint8_t> into_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace phyllo::stun
