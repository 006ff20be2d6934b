#include "phyllo/core/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "phyllo/core/address_text.hpp"
#include "phyllo/core/errc.hpp"

namespace phyllo::core {

std::string endpoint::text() const {
  const auto host = text_of(address);
  return address.is_v6() ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::uint64_t keyed_hash(const hash_key& key, const endpoint& e) noexcept {
  if (e.address.is_v4()) return keyed_hash(key, std::uint64_t{e.address.to_v4().to_uint()} << 16 | e.port);
  const auto v6 = e.address.to_v6();
  const auto address = v6.to_bytes();
  std::array<std::uint8_t, 24> octets{};
  std::ranges::copy(address, octets.begin());
  const auto scope = static_cast<std::uint32_t>(v6.scope_id());
  for (std::size_t i = 0; i < 4; ++i) octets[16 + i] = static_cast<std::uint8_t>(scope >> 8 * i);
  octets[20] = static_cast<std::uint8_t>(e.port);
  octets[21] = static_cast<std::uint8_t>(e.port >> 8);
  return keyed_hash(key, byte_view(octets));
}

result<endpoint> endpoint::parse(std::string_view text) {
  const auto refuse = [&] { return fail(errc::malformed, fmt::format("'{}' is not ADDRESS:PORT", text)); };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse();
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  endpoint out;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (error != std::errc() || end != digits.data() + digits.size()) return refuse();
  asio::error_code ec;
  out.address = asio::ip::make_address(std::string(host), ec);
  if (ec || out.address.is_v6() != bracketed) return refuse();
  return out;
}

}  // namespace phyllo::core
