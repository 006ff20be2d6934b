#include "reload_uri.hpp"

#include "phyllo/identity/names.hpp"

namespace phyllo::identity {
namespace {

constexpr std::string_view prefix = "reload://0110";  // Destination: type node (01), length 16 (10)
constexpr std::size_t hex_digits = 2 * node_id::size;

}  // namespace

std::string reload_uri::text() const { return std::string(prefix) + node.hex() + "@" + overlay + "/"; }

std::optional<reload_uri> reload_uri::parse(std::string_view text) {
  if (!text.starts_with(prefix) || !text.ends_with('/')) return std::nullopt;
  text.remove_prefix(prefix.size());
  text.remove_suffix(1);
  if (text.size() <= hex_digits || text[hex_digits] != '@') return std::nullopt;
  const auto node = node_id::from_hex(text.substr(0, hex_digits));
  const auto overlay = text.substr(hex_digits + 1);
  if (!node || !valid_overlay_name(overlay)) return std::nullopt;
  return reload_uri{*node, std::string(overlay)};
}

}  // namespace phyllo::identity
