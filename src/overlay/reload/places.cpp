#include "reload/places.hpp"

#include <algorithm>

#include "phyllo/transport/address_policy.hpp"
#include "reload/ip_address_port.hpp"

namespace phyllo::overlay {
namespace {

bool diallable(const transport::candidate& c) {
  const bool known = c.kind == transport::link_kind::dtls || c.kind == transport::link_kind::tls;
  return known && c.at.port != 0 && transport::scope_of(c.at.address) != transport::address_scope::never;
}

}  // namespace

places select_places(const places& said) {
  places out;
  std::vector<asio::ip::address> hosts;
  for (const auto& c : said) {
    if (out.size() == own_places_max) break;
    if (!diallable(c) || std::ranges::find(out, c) != out.end()) continue;
    const bool new_host = std::ranges::find(hosts, c.at.address) == hosts.end();
    if (new_host && hosts.size() == hosts_of_node_max) continue;
    if (new_host) hosts.push_back(c.at.address);
    out.push_back(c);
  }
  return out;
}

void write_places(core::wire_writer& w, const places& p, std::size_t max) {
  const auto m = w.open(1);
  for (std::size_t i = 0; i < std::min(p.size(), max); ++i) {
    w.u8(static_cast<std::uint8_t>(p[i].kind));
    write_address_port(w, p[i].at);
  }
  w.close(m);
}

places read_places(core::wire_reader& r) {
  core::wire_reader list(r.opaque(1));
  places out;
  while (list.ok() && !list.empty()) {  // ends with the list
    const auto kind = static_cast<transport::link_kind>(list.u8());
    const transport::candidate c{kind, read_any_address_port(list)};
    if (list.ok()) out.push_back(c);
  }
  if (!list.ok()) r.fail();
  return select_places(out);
}

kept_places::kept_places(const places& p) {
  if (p.empty()) return;
  core::wire_writer w(wire_);
  write_places(w, p, own_places_max);
  wire_.shrink_to_fit();
}

places kept_places::all() const {
  core::wire_reader r(wire_);
  return empty() ? places() : read_places(r);
}

void place_list::add(const places& of_next) {
  core::wire_writer w(wire_);
  write_places(w, of_next, named_places_max);
}

places place_list::of(std::size_t index) const {
  core::wire_reader r(wire_);
  for (; index > 0; --index) r.opaque(1);
  if (r.empty()) return {};
  auto out = read_places(r);
  if (out.size() > named_places_max) out.resize(named_places_max);
  return out;
}

void place_list::write(core::wire_writer& w) const { w.opaque(2, wire_); }

place_list place_list::read(core::wire_reader& r, std::size_t nodes) {
  const auto content = r.opaque(2);
  core::wire_reader list(content);
  for (std::size_t i = 0; i < nodes && !content.empty(); ++i) list.opaque(1);
  if (!list.done()) r.fail();
  place_list out;
  if (r.ok()) out.wire_ = core::to_bytes(content);
  return out;
}

}  // namespace phyllo::overlay
