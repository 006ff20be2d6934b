// Addresses as tiers above transport see them.
#pragma once

#include <asio/ip/address.hpp>

#include <compare>
#include <cstdint>
#include <string>

#include "phyllo/core/keyed_hash.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::transport {

struct endpoint {
  asio::ip::address address;
  std::uint16_t port = 0;

  // "192.0.2.1:5060", "[2001:db8::1]:5060".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static core::result<endpoint> parse(std::string_view text);  // core::errc::malformed
  friend bool operator==(const endpoint&, const endpoint&) = default;
  friend std::strong_ordering operator<=>(const endpoint& a, const endpoint& b) noexcept {  // Asio's addresses know only <
    if (a.address < b.address) return std::strong_ordering::less;
    if (b.address < a.address) return std::strong_ordering::greater;
    return a.port <=> b.port;
  }
};
[[nodiscard]] std::uint64_t keyed_hash(const core::hash_key& key, const endpoint& e) noexcept;

// RELOAD overlay link types (RFC 6940 s.6.5.1.1) that we speak.
enum class link_kind : std::uint8_t { dtls = 3, tls = 4 };

// Where a node can be dialled.
struct candidate {
  link_kind kind = link_kind::dtls;
  transport::endpoint at;
  friend auto operator<=>(const candidate&, const candidate&) = default;
};

}  // namespace phyllo::transport
