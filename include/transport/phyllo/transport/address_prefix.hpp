// A range of addresses as operators write it: "192.0.2.0/24", "2001:db8::/32", or one address.
#pragma once

#include <asio/ip/address.hpp>
#include <string>
#include <string_view>

#include "phyllo/core/result.hpp"

namespace phyllo::transport {

struct address_prefix {
  asio::ip::address address;
  unsigned bits = 0;  // of the address that count

  [[nodiscard]] bool contains(const asio::ip::address& a) const;
  [[nodiscard]] static core::result<address_prefix> parse(std::string_view text);  // core::errc::malformed
};

}  // namespace phyllo::transport
