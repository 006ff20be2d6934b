#include "phyllo/stun/value.hpp"

#include <algorithm>
#include <array>

#include "phyllo/core/wire.hpp"

namespace phyllo::stun {
namespace {

constexpr std::size_t v4_size = 8;
constexpr std::size_t v6_size = 20;

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |0 0 0 0 0 0 0 0|    Family     |           Port                |
//  |                 Address (32 bits or 128 bits)                 |
// A pad is laid over port and address: of zeros, or the magic cookie and the transaction id.
using pad = std::array<std::uint8_t, 16>;

pad pad_of(const transaction_id& transaction) noexcept {
  pad out{0x21, 0x12, 0xa4, 0x42};
  std::ranges::copy(transaction, out.begin() + 4);
  return out;
}

template <class Address>
asio::ip::address unpadded(core::byte_view octets, const pad& over) noexcept {
  typename Address::bytes_type raw{};
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = octets[i] ^ over[i];
  return Address(raw);
}

std::optional<core::endpoint> read_address(core::byte_view value, const pad& over) noexcept {
  if (value.size() != v4_size && value.size() != v6_size) return std::nullopt;
  const bool v6 = value.size() == v6_size;
  if (value[1] != static_cast<std::uint8_t>(v6 ? address_family::v6 : address_family::v4)) return std::nullopt;
  core::endpoint out;
  out.port = static_cast<std::uint16_t>((value[2] ^ over[0]) << 8 | (value[3] ^ over[1]));
  const auto octets = value.subspan(4);
  out.address = v6 ? unpadded<asio::ip::address_v6>(octets, over) : unpadded<asio::ip::address_v4>(octets, over);
  return out;
}

std::size_t write_padded(std::span<std::uint8_t> into, const core::endpoint& e, const pad& over) noexcept {
  const auto size = address_size(e);
  into[0] = 0;
  into[1] = static_cast<std::uint8_t>(family_of(e.address));
  into[2] = static_cast<std::uint8_t>(e.port >> 8) ^ over[0];
  into[3] = static_cast<std::uint8_t>(e.port) ^ over[1];
  const auto put = [&](const auto& octets) {
    for (std::size_t i = 0; i < octets.size(); ++i) into[4 + i] = octets[i] ^ over[i];
  };
  if (e.address.is_v6()) {
    put(e.address.to_v6().to_bytes());
  } else {
    put(e.address.to_v4().to_bytes());
  }
  return size;
}

template <class Number>
std::optional<Number> number_of(core::byte_view value, std::size_t wanted) noexcept {
  if (value.size() != wanted) return std::nullopt;
  Number out = 0;
  for (const auto b : value.first(sizeof(Number))) out = static_cast<Number>(static_cast<std::uint64_t>(out) << 8 | b);
  return out;
}

std::optional<password_algorithm> known(std::uint16_t number) noexcept {
  if (number == static_cast<std::uint16_t>(password_algorithm::md5)) return password_algorithm::md5;
  if (number == static_cast<std::uint16_t>(password_algorithm::sha256)) return password_algorithm::sha256;
  return std::nullopt;
}

// The class and number of an error, in the third and fourth octet.
std::optional<int> code_of(core::byte_view value) noexcept {
  if (value.size() < 4) return std::nullopt;
  const int hundreds = value[2] & 7;
  if (hundreds < 3 || hundreds > 6 || value[3] > 99) return std::nullopt;
  return hundreds * 100 + value[3];
}

}  // namespace

std::optional<std::uint8_t> octet_of(core::byte_view value) noexcept {
  if (value.size() != 1 && value.size() != 4) return std::nullopt;
  return value[0];
}

std::optional<std::uint16_t> number16_of(core::byte_view value) noexcept { return number_of<std::uint16_t>(value, 4); }
std::optional<std::uint32_t> number32_of(core::byte_view value) noexcept { return number_of<std::uint32_t>(value, 4); }
std::optional<std::uint64_t> number64_of(core::byte_view value) noexcept { return number_of<std::uint64_t>(value, 8); }

std::optional<core::endpoint> address_of(core::byte_view value) noexcept { return read_address(value, pad{}); }

std::optional<core::endpoint> xor_address_of(core::byte_view value, const transaction_id& transaction) noexcept {
  return read_address(value, pad_of(transaction));
}

std::optional<core::endpoint> xor_address_in(const message_view& m, std::uint16_t type) noexcept {
  const auto value = m.find(type);
  return value ? xor_address_of(*value, m.transaction()) : std::nullopt;
}

std::size_t address_size(const core::endpoint& e) noexcept { return e.address.is_v6() ? v6_size : v4_size; }

std::size_t write_address(std::span<std::uint8_t> into, const core::endpoint& e) noexcept { return write_padded(into, e, pad{}); }

std::size_t write_xor_address(std::span<std::uint8_t> into, const core::endpoint& e, const transaction_id& transaction) noexcept {
  return write_padded(into, e, pad_of(transaction));
}

std::optional<error_value> error_of(core::byte_view value) noexcept {
  const auto code = code_of(value);
  if (!code) return std::nullopt;
  return error_value{*code, core::as_text(value.subspan(4))};
}

std::optional<address_error_value> address_error_of(core::byte_view value) noexcept {
  const auto code = code_of(value);
  const auto family = value.size() < 4 ? std::nullopt : family_value(value.first(1));
  if (!code || !family) return std::nullopt;
  return address_error_value{*family, *code};
}

std::optional<address_family> family_value(core::byte_view value) noexcept {
  const auto octet = octet_of(value);
  if (octet == std::uint8_t{1}) return address_family::v4;
  if (octet == std::uint8_t{2}) return address_family::v6;
  return std::nullopt;
}

std::optional<icmp_value> icmp_of(core::byte_view value) noexcept {
  if (value.size() != 8) return std::nullopt;
  return icmp_value{value[2], value[3], *number32_of(value.subspan(4))};
}

//  |          Algorithm           |  Algorithm Parameters Length   |
//  |                    Algorithm Parameters (variable)            |
std::optional<password_algorithm> algorithm_of(core::byte_view value) noexcept {
  core::wire_reader r(value);
  const auto number = r.u16();
  const auto parameters = r.opaque(2);
  if (!r.done() || !parameters.empty()) return std::nullopt;
  return known(number);
}

std::optional<password_algorithm> preferred_algorithm(core::byte_view value) noexcept {
  core::wire_reader r(value);
  while (!r.empty()) {  // each turn takes four octets at least, or fails
    const auto number = r.u16();
    const auto parameters = r.opaque(2);
    r.take((4 - parameters.size() % 4) % 4);
    if (!r.ok()) return std::nullopt;
    if (const auto a = known(number); a && parameters.empty()) return a;
  }
  return std::nullopt;
}

std::size_t types_of(core::byte_view value, std::span<std::uint16_t> into) noexcept {
  core::wire_reader r(value);
  const auto named = std::min(value.size() / 2, into.size());
  for (std::size_t i = 0; i < named; ++i) into[i] = r.u16();
  return named;
}

}  // namespace phyllo::stun
