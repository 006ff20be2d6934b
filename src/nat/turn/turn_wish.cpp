#include "turn/turn_wish.hpp"

#include <algorithm>
#include <array>

namespace phyllo::nat {
namespace {

namespace type = stun::attribute_type;

constexpr std::uint8_t udp = 17;
constexpr std::uint8_t next_too = 0x80;  // EVEN-PORT's bit R
constexpr std::chrono::seconds lifetime_default{600};

int read_ports(const stun::message_view& m, turn_wish& out) {
  const auto even = m.find(type::even_port);
  if (!even) return 0;
  const auto octet = stun::octet_of(*even);
  if (!octet) return 400;
  out.ports = (*octet & next_too) != 0 ? port_pool::wanted::even_and_next : port_pool::wanted::even;
  return 0;
}

int read_token(const stun::message_view& m, turn_wish& out) {
  const auto token = m.find(type::reservation_token);
  if (!token) return 0;
  out.token = stun::number64_of(*token);
  if (!out.token || m.has(type::even_port)) return 400;
  return m.has(type::requested_address_family) || m.has(type::additional_address_family) ? 400 : 0;
}

int read_family(const stun::message_view& m, turn_wish& out) {
  const auto wanted = m.find(type::requested_address_family);
  const auto additional = m.find(type::additional_address_family);
  if (wanted && additional) return 400;
  if (wanted) {
    const auto family = stun::family_value(*wanted);
    if (!family) return 440;
    out.family = *family;
  }
  if (!additional) return 0;
  out.both_families = true;
  if (stun::family_value(*additional) != stun::address_family::v6) return 400;
  return out.ports == port_pool::wanted::even_and_next ? 400 : 0;
}

int read_transport(const stun::message_view& m) {
  const auto value = m.find(type::requested_transport);
  const auto protocol = value ? stun::octet_of(*value) : std::nullopt;
  if (!protocol) return 400;
  return *protocol == udp ? 0 : 442;
}

int read_mobility(const stun::message_view& m, const turn_settings& s, turn_wish& out) {
  const auto ticket = m.find(type::mobility_ticket);
  if (!ticket) return 0;
  if (!ticket->empty()) return 400;
  out.mobile = true;
  return s.mobility ? 0 : 405;
}

}  // namespace

std::expected<turn_wish, int> read_wish(const stun::message_view& m, const turn_settings& s) {
  turn_wish out;
  for (const int code : {read_transport(m), read_token(m, out), read_ports(m, out), read_family(m, out), read_mobility(m, s, out)}) {
    if (code != 0) return std::unexpected(code);
  }
  return out;
}

std::optional<std::chrono::seconds> granted_lifetime(const stun::message_view& m, const turn_settings& s) {
  const auto value = m.find(type::lifetime);
  if (!value) return lifetime_default;
  const auto wanted = stun::number32_of(*value);
  if (!wanted) return std::nullopt;
  if (*wanted == 0) return std::chrono::seconds(0);
  return std::max(lifetime_default, std::min(std::chrono::seconds(*wanted), s.lifetime_max));
}

bool unknown_to_turn(std::uint16_t asked, bool sets_df) noexcept {
  constexpr std::array<std::uint16_t, 7> others{type::change_request, type::padding,       type::response_port, type::priority,
                                                type::use_candidate,  type::connection_id, type::access_token};
  if (!stun::comprehension_required(asked)) return false;
  if (asked == type::dont_fragment) return !sets_df;
  return stun::attribute_of(asked) == nullptr || std::ranges::find(others, asked) != others.end();
}

}  // namespace phyllo::nat
