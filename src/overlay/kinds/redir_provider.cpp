#include "kinds/redir_provider.hpp"

#include <algorithm>

#include "phyllo/identity/digest.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t route_max = 16;  // entries

// floor(id * parts / 2^128): which of `parts` equal parts of the ring an identifier lies in. parts < 2^32.
std::uint64_t part_of(const node_id& id, std::uint64_t parts) {
  std::uint64_t carry = 0;
  for (auto octet = id.octets.rbegin(); octet != id.octets.rend(); ++octet) carry = (*octet * parts + carry) >> 8;
  return carry;
}

std::uint64_t nodes_at(std::uint16_t level) {
  std::uint64_t count = 1;
  for (std::uint16_t l = 0; l < level; ++l) count *= redir_branching;
  return count;
}

}  // namespace

resource_id redir_place::resource(resource_hash h) const {
  core::bytes text;
  core::wire_writer w(text);
  w.raw(core::as_bytes(service));
  w.u16(level);
  w.u16(node);
  return hash_to_resource(h, text);
}

bool redir_place::covers(const node_id& id) const { return level <= redir_level_max && part_of(id, nodes_at(level)) == node; }

redir_place redir_place::of(std::string service, std::uint16_t level, const node_id& id) {
  level = std::min(level, redir_level_max);
  return {std::move(service), level, static_cast<std::uint16_t>(part_of(id, nodes_at(level)))};
}

unsigned redir_interval(std::uint16_t level, const node_id& id) {
  const auto parts = nodes_at(std::min(level, redir_level_max)) * redir_branching;
  return static_cast<unsigned>(part_of(id, parts) % redir_branching);
}

core::bytes redir_provider::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(type);
  const auto list = w.open(2);
  for (const auto& d : route) d.write(w);
  w.close(list);
  w.opaque(2, core::as_bytes(place.service));
  w.u16(place.level);
  w.u16(place.node);
  w.opaque(2, extension);
  return out;
}

core::result<redir_provider> redir_provider::decode(core::byte_view value) {
  core::wire_reader r(value);
  redir_provider p;
  p.type = r.u8();
  auto route = decode_destinations(r.opaque(2), route_max);
  p.place.service = core::as_text(r.opaque(2));
  p.place.level = r.u16();
  p.place.node = r.u16();
  p.extension = core::to_bytes(r.opaque(2));
  if (!r.done() || !route) return core::fail(errc::invalid_record, "RedirServiceProvider");
  p.route = std::move(*route);
  return p;
}

}  // namespace phyllo::overlay
