#include "reload/attach_message.hpp"

#include <algorithm>

#include "reload/ip_address_port.hpp"
#include "reload/places.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t ice_extensions_max = 8;

void write_text(core::wire_writer& w, unsigned width, const std::string& text) { w.opaque(width, core::as_bytes(text)); }
std::string read_text(core::wire_reader& r, unsigned width) { return std::string(core::as_text(r.opaque(width))); }

void write_candidate(core::wire_writer& w, const ice_candidate& c) {
  write_address_port(w, c.at);
  w.u8(c.overlay_link);
  write_text(w, 1, c.foundation);
  w.u32(c.priority);
  w.u8(static_cast<std::uint8_t>(c.type));
  if (c.related) write_address_port(w, *c.related);
  const auto m = w.open(2);
  for (const auto& e : c.extensions) {
    write_text(w, 2, e.name);
    write_text(w, 2, e.value);
  }
  w.close(m);
}

bool is_known(candidate_type t) { return t == candidate_type::host || t == candidate_type::server_reflexive || t == candidate_type::relay; }

ice_candidate read_candidate(core::wire_reader& r) {
  ice_candidate c;
  c.at = read_any_address_port(r);
  c.overlay_link = r.u8();
  c.foundation = read_text(r, 1);
  c.priority = r.u32();
  c.type = static_cast<candidate_type>(r.u8());
  // Of a type that is not known there is no saying whether a second address follows: the form without one is tried.
  if (is_known(c.type) && c.type != candidate_type::host) c.related = read_any_address_port(r);
  core::wire_reader extensions(r.opaque(2));
  while (extensions.ok() && !extensions.empty()) {  // ends with the extensions
    auto name = read_text(extensions, 2);
    auto value = read_text(extensions, 2);
    if (c.extensions.size() == ice_extensions_max) extensions.fail();
    c.extensions.push_back({std::move(name), std::move(value)});
  }
  if (!extensions.ok()) r.fail();
  return c;
}

void write_candidates(core::wire_writer& w, const std::vector<ice_candidate>& candidates) {
  const auto m = w.open(2);
  for (const auto& c : candidates) write_candidate(w, c);
  w.close(m);
}

std::vector<ice_candidate> read_candidates(core::wire_reader& r) {
  core::wire_reader list(r.opaque(2));
  std::vector<ice_candidate> out;
  for (std::size_t n = 0; list.ok() && !list.empty(); ++n) {  // ends with the list
    auto c = read_candidate(list);
    const bool invalid = c.type == candidate_type{} || n == candidates_max;
    // What follows one of an unknown type may have any form. What stands before it is good.
    if (!list.ok() && !invalid && !is_known(c.type)) return out;
    if (invalid) list.fail();
    if (is_known(c.type) && !c.at.address.is_unspecified()) out.push_back(std::move(c));
  }
  if (!list.ok()) r.fail();
  return out;
}

}  // namespace

core::bytes attach_message::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  write_text(w, 1, ufrag);
  write_text(w, 1, password);
  write_text(w, 1, role);
  write_candidates(w, candidates);
  w.u8(send_update ? 1 : 0);
  return out;
}

core::result<attach_message> attach_message::decode(core::byte_view body) {
  core::wire_reader r(body);
  attach_message m;
  m.ufrag = read_text(r, 1);
  m.password = read_text(r, 1);
  m.role = read_text(r, 1);
  m.candidates = read_candidates(r);
  const auto update = r.u8();
  m.send_update = update == 1;
  if (update > 1 || !r.done()) return core::fail(errc::invalid_message, "AttachReqAns");
  return m;
}

core::bytes app_attach_message::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  write_text(w, 1, offer.ufrag);
  write_text(w, 1, offer.password);
  w.u16(application);
  write_text(w, 1, offer.role);
  write_candidates(w, offer.candidates);
  return out;
}

core::result<app_attach_message> app_attach_message::decode(core::byte_view body) {
  core::wire_reader r(body);
  app_attach_message m;
  m.offer.ufrag = read_text(r, 1);
  m.offer.password = read_text(r, 1);
  m.application = r.u16();
  m.offer.role = read_text(r, 1);
  m.offer.candidates = read_candidates(r);
  if (!r.done()) return core::fail(errc::invalid_message, "AppAttach");
  return m;
}

std::vector<ice_candidate> to_ice(const std::vector<transport::candidate>& own) {
  std::vector<ice_candidate> out;
  // RFC 8445 s.5.1.2.1: type preference 126 for host candidates; the order given is the local preference.
  constexpr std::uint32_t host_preference = 126U << 24;
  std::uint32_t local = 65535;
  for (const auto& c : own) {
    if (out.size() == own_places_max) break;
    ice_candidate ice;
    ice.at = c.at;
    ice.overlay_link = static_cast<std::uint8_t>(c.kind);
    ice.foundation = std::to_string(out.size() + 1);
    ice.priority = host_preference | local-- << 8 | 255;
    out.push_back(std::move(ice));
  }
  return out;
}

bool mixes_ice(const std::vector<ice_candidate>& theirs) {
  constexpr std::uint8_t dtls_udp_sr = 1;  // the one OverlayLinkType with ICE (s.14.9)
  const auto without = [](const ice_candidate& c) {
    return c.overlay_link == static_cast<std::uint8_t>(transport::link_kind::dtls) ||
           c.overlay_link == static_cast<std::uint8_t>(transport::link_kind::tls);
  };
  return std::ranges::any_of(theirs, without) && std::ranges::count(theirs, dtls_udp_sr, &ice_candidate::overlay_link) > 0;
}

std::vector<transport::candidate> diallable(const std::vector<ice_candidate>& theirs) {
  places out;
  for (const auto& c : theirs) out.push_back({static_cast<transport::link_kind>(c.overlay_link), c.at});
  return select_places(out);
}

}  // namespace phyllo::overlay
