// An address and a port, as tiers above transport see them.
#pragma once

#include <asio/ip/address.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "phyllo/core/keyed_hash.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::core {

struct endpoint {
  asio::ip::address address;
  std::uint16_t port = 0;

  // "192.0.2.1:5060", "[2001:db8::1]:5060".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static result<endpoint> parse(std::string_view text);  // errc::malformed
  friend bool operator==(const endpoint&, const endpoint&) = default;
  friend std::strong_ordering operator<=>(const endpoint& a, const endpoint& b) noexcept {  // Asio's addresses know only <
    if (a.address < b.address) return std::strong_ordering::less;
    if (b.address < a.address) return std::strong_ordering::greater;
    return a.port <=> b.port;
  }
};
[[nodiscard]] std::uint64_t keyed_hash(const hash_key& key, const endpoint& e) noexcept;

}  // namespace phyllo::core
