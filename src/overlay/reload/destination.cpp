#include "reload/destination.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"
namespace phyllo::overlay {
namespace {

constexpr std::uint8_t compressed_bit = 0x80;

destination read_data(destination_type type, core::wire_reader& data) {
  destination d{type, {}, {}};
  switch (type) {
    case destination_type::node: d.id = node_id::from_bytes(data.take(node_id::size)).value_or(node_id{}); break;
    case destination_type::resource:
      if (const auto id = node_id::from_bytes(data.opaque(1))) {
        d.id = *id;
      } else {
        data.fail();
      }
      break;
    case destination_type::opaque: d.opaque = core::to_bytes(data.opaque(1)); break;
    default: data.fail();
  }
  return d;
}

}  // namespace

bool destination::wildcard() const noexcept {
  return type == destination_type::node && std::ranges::all_of(id.octets, [](auto b) { return b == 0xff; });
}

void destination::write(core::wire_writer& w) const {
  w.u8(static_cast<std::uint8_t>(type));
  const auto m = w.open(1);
  switch (type) {
    case destination_type::node: w.raw(id.octets); break;
    case destination_type::resource: w.opaque(1, id.octets); break;
    case destination_type::opaque: w.opaque(1, opaque); break;
  }
  w.close(m);
}

destination destination::read(core::wire_reader& r) {
  const auto first = r.u8();
  if (first & compressed_bit) return {destination_type::opaque, {}, {first, r.u8()}};
  core::wire_reader data(r.opaque(1));
  auto d = read_data(static_cast<destination_type>(first), data);
  if (!data.done()) r.fail();
  return d;
}

core::result<destination_list> decode_destinations(core::byte_view data, std::size_t entries_max) {
  core::wire_reader r(data);
  destination_list out;
  while (r.ok() && !r.empty()) {  // ends with the data
    if (out.size() == entries_max) return core::fail(errc::invalid_message);
    out.push_back(destination::read(r));
  }
  if (!r.ok()) return core::fail(errc::invalid_message);
  return out;
}

bool has_duplicates(const destination_list& list) noexcept {
  for (auto i = list.begin(); i != list.end(); ++i) {
    if (std::find(std::next(i), list.end(), *i) != list.end()) return true;
  }
  return false;
}

}  // namespace phyllo::overlay
