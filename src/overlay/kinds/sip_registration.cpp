#include "kinds/sip_registration.hpp"

#include "phyllo/identity/digest.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t registration_route_max = 16;  // entries

destination_list read_route(core::wire_reader& r) {
  auto list = decode_destinations(r.opaque(2), registration_route_max);
  // "Destination destination_list<3..2^16-1>": there is at least one.
  if (!list || list->empty()) r.fail();
  return std::move(list).value_or(destination_list{});
}

}  // namespace

core::bytes sip_registration::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(static_cast<std::uint8_t>(type));
  const auto rest = w.open(2);
  if (type == sip_registration_type::uri) {
    w.opaque(2, core::as_bytes(uri));
  } else {
    w.opaque(2, core::as_bytes(contact_prefs));
    const auto list = w.open(2);
    for (const auto& d : route) d.write(w);
    w.close(list);
  }
  w.close(rest);
  return out;
}

core::result<sip_registration> sip_registration::decode(core::byte_view value) {
  core::wire_reader r(value);
  sip_registration s;
  s.type = static_cast<sip_registration_type>(r.u8());
  core::wire_reader data(r.opaque(2));
  if (s.type == sip_registration_type::uri) {
    s.uri = core::as_text(data.opaque(2));
    if (s.uri.empty()) data.fail();
  } else if (s.type == sip_registration_type::route) {
    s.contact_prefs = core::as_text(data.opaque(2));
    s.route = read_route(data);
  } else {
    data.fail();
  }
  if (!data.done() || !r.done()) return core::fail(errc::invalid_record, "SipRegistration");
  return s;
}

resource_id user_resource(std::string_view user, resource_hash h) { return hash_to_resource(h, core::as_bytes(user)); }

}  // namespace phyllo::overlay
