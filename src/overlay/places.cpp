#include "places.hpp"

#include <algorithm>

#include "ip_address_port.hpp"

namespace phyllo::overlay {

bool diallable(const transport::candidate& c) noexcept {
  const bool known = c.kind == transport::link_kind::dtls || c.kind == transport::link_kind::tls;
  return known && c.at.port != 0 && !c.at.address.is_unspecified() && !c.at.address.is_multicast();
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
    const transport::candidate c{kind, read_address_port(list)};
    if (list.ok() && diallable(c)) out.push_back(c);
  }
  if (!list.ok()) r.fail();
  return out;
}

kept_places::kept_places(const places& p) {
  if (p.empty()) return;
  core::wire_writer w(wire_);
  write_places(w, p, own_places_max);
  wire_.shrink_to_fit();
}

core::byte_view kept_places::first(std::size_t n) const noexcept {
  core::wire_reader r(wire_);
  const auto content = empty() ? core::byte_view() : r.opaque(1);
  core::wire_reader list(content);
  for (; n > 0 && !list.empty(); --n) {
    list.take(2);  // both types
    list.opaque(1);
  }
  return content.first(content.size() - list.remaining());
}

places kept_places::all() const {
  core::wire_reader r(wire_);
  return empty() ? places() : read_places(r);
}

void place_list::add(const kept_places& of_next) {
  core::wire_writer w(wire_);
  w.opaque(1, of_next.first(named_places_max));
}

places place_list::of(std::size_t index) const {
  core::wire_reader r(wire_);
  for (; index > 0; --index) r.opaque(1);
  return r.empty() ? places() : read_places(r);
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
