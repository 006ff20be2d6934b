#include "reload/forwarding_header.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

constexpr std::size_t node_bytes = 18;  // of a Node-ID in a list; few entries are longer

void write(core::wire_writer& w, const destination_list& list) {
  for (const auto& d : list) d.write(w);
}

void write(core::wire_writer& w, const std::vector<forwarding_option>& options) {
  for (const auto& o : options) {
    w.u8(o.type);
    w.u8(o.flags);
    w.opaque(2, o.content);
  }
}

std::optional<std::vector<forwarding_option>> read_options(core::byte_view data) {
  core::wire_reader r(data);
  std::vector<forwarding_option> out;
  while (r.ok() && !r.empty()) {  // ends with the data
    forwarding_option o;
    o.type = r.u8();
    o.flags = r.u8();
    o.content = core::to_bytes(r.opaque(2));
    out.push_back(std::move(o));
  }
  if (!r.ok()) return std::nullopt;
  return out;
}

// A Resource-ID "MUST appear only in the final location of a Destination List and MUST NOT appear in a Via List".
bool well_placed(const forwarding_header& h) {
  const auto is_resource = [](const destination& d) { return d.type == destination_type::resource; };
  if (std::ranges::any_of(h.via, is_resource) || h.destinations.empty()) return false;
  return std::none_of(h.destinations.begin(), std::prev(h.destinations.end()), is_resource);
}

core::status read_lists(core::wire_reader& r, forwarding_header& h) {
  const auto via_size = r.u16();
  const auto destinations_size = r.u16();
  const auto options_size = r.u16();
  auto via = decode_destinations(r.take(via_size), destinations_max);
  auto destinations = decode_destinations(r.take(destinations_size), destinations_max);
  auto options = read_options(r.take(options_size));
  if (!r.ok() || !via || !destinations || !options) return core::fail(errc::invalid_message, "via, destination or option list");
  h.via = std::move(*via);
  h.destinations = std::move(*destinations);
  h.options = std::move(*options);
  if (!well_placed(h)) return core::fail(errc::invalid_message, "no destination, or a Resource-ID out of place");
  return {};
}

}  // namespace

destination_list return_path(const destination_list& via, const std::optional<node_id>& previous_hop) {
  destination_list out;
  if (previous_hop) out.push_back(destination::to_node(*previous_hop));
  for (auto i = via.rbegin(); i != via.rend(); ++i) {
    const auto seen = std::ranges::find(out, *i);
    if (seen != out.end()) out.erase(seen, out.end());  // the request went in a circle: the answer need not
    out.push_back(*i);
  }
  return out;
}

std::vector<forwarding_option> copied_to_response(const std::vector<forwarding_option>& options) {
  std::vector<forwarding_option> out;
  for (const auto& o : options) {
    if ((o.flags & forwarding_option::response_copy) == 0) continue;
    out.push_back(o);
    out.back().flags = 0;
  }
  return out;
}

core::bytes forwarding_header::message(core::byte_view payload) const {
  core::bytes lists;
  core::wire_writer l(lists);
  l.reserve((via.size() + destinations.size() + 1) * node_bytes);
  write(l, via);
  const auto via_size = lists.size();
  write(l, destinations);
  const auto destinations_size = lists.size() - via_size;
  write(l, options);
  const auto options_size = lists.size() - via_size - destinations_size;
  const auto size = fixed_header_size + lists.size() + payload.size();
  core::bytes out;
  out.reserve(size);
  core::wire_writer w(out);
  w.u32(relo_token);
  w.u32(overlay);
  w.u16(configuration_sequence);
  w.u8(reload_version);
  w.u8(ttl);
  w.u32(fragment);
  w.u32(static_cast<std::uint32_t>(size));
  w.u64(transaction_id);
  w.u32(max_response_length);
  w.u16(static_cast<std::uint16_t>(via_size));
  w.u16(static_cast<std::uint16_t>(destinations_size));
  w.u16(static_cast<std::uint16_t>(options_size));
  w.raw(lists);
  w.raw(payload);
  return out;
}

core::result<parsed_message> parse_header(core::byte_view message) {
  auto m = parse_beginning(message);
  if (m && !m->whole) return core::fail(errc::invalid_message, "length");
  return m;
}

core::result<parsed_message> parse_beginning(core::byte_view message) {
  core::wire_reader r(message);
  parsed_message m;
  auto& h = m.header;
  if (r.u32() != relo_token) return core::fail(errc::invalid_message, "relo_token");
  h.overlay = r.u32();
  h.configuration_sequence = r.u16();
  if (r.u8() != reload_version) return core::fail(errc::invalid_message, "version");
  h.ttl = r.u8();
  h.fragment = r.u32();
  const auto length = r.u32();
  if (length < message.size()) return core::fail(errc::invalid_message, "length");
  m.whole = length == message.size();
  h.transaction_id = r.u64();
  h.max_response_length = r.u32();
  if (!r.ok()) return core::fail(errc::invalid_message, "short header");
  if (auto s = read_lists(r, h); !s) return core::fail(s.error());
  // "implementations SHOULD discard any message with it set to 0" (s.6.7)
  if ((h.fragment & 0x80000000) == 0) return core::fail(errc::invalid_message, "fragment");
  m.payload = r.rest();
  return m;
}

}  // namespace phyllo::overlay
