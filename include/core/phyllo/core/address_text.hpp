// IP addresses as text, as Asio's to_string and make_address_v4 have them, for a small part of what those cost: each message that passes
// needs several.
#pragma once

#include <asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace phyllo::core {

[[nodiscard]] std::string text_of(const asio::ip::address& a);
[[nodiscard]] std::optional<asio::ip::address_v4> parse_ipv4(std::string_view text) noexcept;  // nullopt: it is none

}  // namespace phyllo::core
