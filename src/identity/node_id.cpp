#include "phyllo/identity/node_id.hpp"

#include <algorithm>

#include "phyllo/core/bytes.hpp"

namespace phyllo::identity {

std::optional<node_id> node_id::from_hex(std::string_view text) {
  if (text.size() != 2 * size) return std::nullopt;
  const auto data = core::from_hex(text);
  if (!data) return std::nullopt;
  return from_bytes(*data);
}

std::optional<node_id> node_id::from_bytes(std::span<const std::uint8_t> data) {
  if (data.size() != size) return std::nullopt;
  node_id id;
  std::ranges::copy(data, id.octets.begin());
  return id;
}

std::string node_id::hex() const { return core::to_hex(octets); }

bool node_id::reserved() const noexcept {
  const auto all = [this](std::uint8_t value) { return std::ranges::all_of(octets, [value](auto b) { return b == value; }); };
  return all(0) || all(0xff);
}

}  // namespace phyllo::identity
