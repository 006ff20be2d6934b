#include "own_names.hpp"

#include <algorithm>
#include <cctype>

#include "location.hpp"

namespace phyllo::sip {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view host) {
  return std::ranges::any_of(list, [&](const std::string& own) { return equal_ignoring_case(own, host); });
}

}  // namespace

bool own_names::is_domain(std::string_view host) const { return contains(domains, host); }

bool own_names::is_self(const uri& u) const {
  const auto port = u.port.value_or(u.secure() ? sips_port : sip_port);
  return u.is_sip() && contains(addresses, u.host) && (port == sip_port || port == sips_port);
}

bool own_names::is_self(const via& v) const {
  return contains(addresses, v.host) && (v.port == 0 || v.port == sip_port || v.port == sips_port);
}

std::optional<std::string> own_names::user_of(const uri& u) const {
  if (!u.is_sip() || u.user.empty()) return std::nullopt;
  if (is_domain(u.host)) return u.address_of_record();
  if (!is_self(u) || domains.size() != 1) return std::nullopt;
  auto moved = u;
  moved.host = domains.front();
  return moved.address_of_record();
}

std::vector<std::string> own_names::all() const {
  auto out = domains;
  out.insert(out.end(), addresses.begin(), addresses.end());
  return out;
}

std::string own_uri(const own_names& own, std::string_view user, protocol by, bool sips) {
  std::string out = sips ? "<sips:" : "<sip:";
  if (!user.empty()) out.append(user).append("@");
  out += own.addresses.front() + ":" + std::to_string(secure(by) ? own.sips_port : own.sip_port);
  if (by == protocol::tcp) out += ";transport=tcp";
  if (by == protocol::tls && !sips) out += ";transport=tls";
  if (over_websocket(by)) out += ";transport=ws";  // RFC 7118 s.5.2.1: of WSS too
  return out + ";lr>";
}

std::optional<destination> resolve(const uri& u) {
  const auto address = address_of(u);
  if (!u.is_sip() || !address) return std::nullopt;
  destination d;
  d.by = u.secure() ? protocol::tls : protocol::udp;
  if (const auto transport = u.parameter("transport"); transport && !u.secure()) {
    const auto by = protocol_of(*transport);
    if (!by) return std::nullopt;
    d.by = *by;
  }
  d.at.address = *address;
  d.at.port = u.port.value_or(d.by == protocol::tls ? 5061 : 5060);
  return d;
}

}  // namespace phyllo::sip
