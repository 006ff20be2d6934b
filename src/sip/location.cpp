#include "location.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "host_name.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {
namespace {

bool datagram(const uri& u) {
  const auto transport = u.parameter("transport");
  return !u.secure() && (!transport || equal_ignoring_case(*transport, "udp"));
}

enum class scope { loopback, link_local, private_, global };

scope scope_of(const asio::ip::address& a) {
  if (a.is_loopback()) return scope::loopback;
  if (a.is_v6()) {
    if (a.to_v6().is_link_local()) return scope::link_local;
    return (a.to_v6().to_bytes()[0] & 0xfe) == 0xfc ? scope::private_ : scope::global;  // RFC 4193
  }
  const auto n = a.to_v4().to_uint();
  if (n >> 16 == 0xa9fe) return scope::link_local;
  // RFC 1918, and RFC 6598's shared space
  const bool inside = n >> 24 == 10 || n >> 20 == 0xac1 || n >> 16 == 0xc0a8 || n >> 22 == 0x191;
  return inside ? scope::private_ : scope::global;
}

// "TLS5061" of the transports; else "TCP5060", where TLS is understood as well.
std::uint16_t port_of(const overlay::location& l) {
  for (const std::string_view kind : {"TLS", "TCP"}) {
    for (const std::string_view t : l.transports) {
      if (!t.starts_with(kind)) continue;
      std::uint16_t port = 0;
      const auto* last = t.data() + t.size();
      const auto read = std::from_chars(t.data() + kind.size(), last, port);
      if (read.ec == std::errc() && read.ptr == last && port != 0) return port;
    }
  }
  return 0;
}

// Nobody names another's node: what is written there would go to a node that knows nothing of it.
std::optional<node_way> holder_of(const overlay::stored_value& v, const overlay::location& l) {
  const auto address = host_address(l.node_ip);
  const auto port = port_of(l);
  if (!address || port == 0 || l.node != v.signer_node) return std::nullopt;
  return node_way{v.signer_node, {*address, port}, v.signer != v.content.name.subject};
}

// A record lives twice as long as what the phone was granted (registration.hpp), and is written anew when less than that is left. So in its
// first half it says when the binding ends; in its second half the phone has come back since, and has the time that is left at least.
core::wall_time promised_until(core::wall_time stored_until, std::uint32_t lifetime_s, core::wall_time now) {
  const auto granted = std::chrono::seconds(lifetime_s / 2);
  return now < stored_until - granted ? stored_until - granted : stored_until;
}

std::optional<binding> to_binding(const overlay::stored_value& v, const overlay::node_id& self, core::wall_time now) {
  if (v.content.locations.empty()) return std::nullopt;
  const auto& l = v.content.locations.front();
  auto contact = uri::parse(l.contact);
  if (!contact || !contact->is_sip() || contact->host.empty()) return std::nullopt;
  binding b;
  b.key = v.entry;
  b.contact = std::move(*contact);
  b.instance = l.instance;
  b.reg_id = l.reg_id;
  b.features = l.features;
  b.q_thousandths = static_cast<std::uint16_t>(std::clamp(l.q, 0.0, 1.0) * 1000 + 0.5);
  b.path = l.path;
  b.stored_until = now + std::chrono::seconds(v.lifetime_s);
  if (l.expires_at_ms != 0) b.stored_until = std::min(b.stored_until, core::from_unix_milliseconds(l.expires_at_ms));
  b.expires = promised_until(b.stored_until, v.content.lifetime_s, now);
  b.here = v.signer_node == self;
  b.stored_at_ms = v.storage_time_ms;
  b.holder = holder_of(v, l);
  b.own_word = v.signer == v.content.name.subject;
  return b.expires > now ? std::optional(std::move(b)) : std::nullopt;
}

}  // namespace

overlay::name location_name(const std::string& address_of_record) { return {"user location", address_of_record}; }

overlay::record to_record(const std::string& address_of_record, const binding& b, const location_self& self, core::wall_time now) {
  overlay::location l;
  l.node_ip = self.address;
  l.transports = self.transports;
  l.node = self.node;
  l.contact = b.contact.text();
  l.path = b.path;
  l.instance = b.instance;
  l.reg_id = b.reg_id;
  l.features = b.features;
  l.q = b.q_thousandths / 1000.0;
  l.expires_at_ms = core::unix_milliseconds(b.stored_until);
  overlay::record r;
  r.name = location_name(address_of_record);
  r.lifetime_s = static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(b.stored_until - now).count());
  r.locations.push_back(std::move(l));
  return r;
}

std::vector<binding> to_bindings(const std::vector<overlay::stored_value>& values, const overlay::node_id& self, core::wall_time now) {
  std::vector<binding> out;
  for (const auto& v : values) {
    if (auto b = to_binding(v, self, now)) out.push_back(std::move(*b));
  }
  return out;
}

bool registered_by_sha256(const binding& b) {
  const auto first = b.path.empty() ? std::nullopt : uri_within(b.path.front());
  return first && first->parameter("sha256").has_value();
}

std::vector<way> ways_to(const binding& b, const asio::ip::address& own_address) {
  std::vector<way> out;
  const auto first = b.path.empty() ? std::nullopt : uri_within(b.path.front());
  const auto address = host_address(b.contact.host);
  const bool heard_there = first && first->parameter("direct") && !b.own_word;
  if (heard_there && address && datagram(b.contact) && meaningful_for(own_address, *address)) {
    out.push_back({{}, transport::endpoint{*address, b.contact.port.value_or(sip_port)}, {}});
  }
  if (first && b.holder && (b.here || meaningful_for(own_address, b.holder->at.address))) out.push_back({b.path, std::nullopt, *b.holder});
  return out;
}

std::optional<uri> uri_within(std::string_view name_addr) {
  const auto open = name_addr.find('<');
  const auto close = name_addr.find('>', open == std::string_view::npos ? 0 : open);
  const bool bare = open == std::string_view::npos || close == std::string_view::npos;
  auto u = uri::parse(bare ? name_addr : name_addr.substr(open + 1, close - open - 1));
  return u ? std::optional(std::move(*u)) : std::nullopt;
}

bool meaningful_for(const asio::ip::address& own, const asio::ip::address& other) {
  const auto theirs = scope_of(other);
  return theirs == scope::global || theirs == scope_of(own);
}

}  // namespace phyllo::sip
