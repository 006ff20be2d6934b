#include "phyllo/transport/endpoint.hpp"

#include <fmt/format.h>

#include <charconv>

#include "phyllo/core/errc.hpp"

namespace phyllo::transport {

std::string endpoint::text() const {
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), port) : fmt::format("{}:{}", address.to_string(), port);
}

core::result<endpoint> endpoint::parse(std::string_view text) {
  const auto refuse = [&] { return core::fail(core::errc::malformed, fmt::format("'{}' is not ADDRESS:PORT", text)); };
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

}  // namespace phyllo::transport
