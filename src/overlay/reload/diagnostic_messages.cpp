#include "reload/diagnostic_messages.hpp"

#include <algorithm>

#include "reload/message_codes.hpp"

namespace phyllo::overlay {
namespace {

template <class T>
core::result<T> finish(const core::wire_reader& r, T value, const char* what) {
  if (!r.done()) return core::fail(errc::invalid_message, what);
  return value;
}

constexpr std::size_t diagnostics_max = 64;  // of one list

void write_list(core::wire_writer& w, const std::vector<diagnostic>& list, unsigned width) {
  core::bytes text;
  core::wire_writer items(text);
  for (const auto& d : list) {
    items.u16(d.kind);
    items.opaque(width, d.content);
  }
  w.u32(static_cast<std::uint32_t>(text.size()));
  w.opaque(4, text);
}

std::vector<diagnostic> read_list(core::wire_reader& r, unsigned width) {
  const auto size = r.u32();
  const auto text = r.opaque(4);
  core::wire_reader items(text);
  std::vector<diagnostic> out;
  while (items.ok() && !items.empty()) {  // ends with the list
    diagnostic d;
    d.kind = items.u16();
    d.content = core::to_bytes(items.opaque(width));
    if (out.size() == diagnostics_max) items.fail();
    out.push_back(std::move(d));
  }
  if (text.size() != size || !items.ok()) r.fail();
  return out;
}

void write(core::wire_writer& w, const diagnostics_request& d) {
  w.u64(d.expiration_ms);
  w.u64(d.initiated_ms);
  w.u64(d.flags);
  write_list(w, d.extensions, 4);
}

diagnostics_request read_request(core::wire_reader& r) {
  diagnostics_request d;
  d.expiration_ms = r.u64();
  d.initiated_ms = r.u64();
  d.flags = r.u64();
  d.extensions = read_list(r, 4);
  return d;
}

void write(core::wire_writer& w, const diagnostics_response& d) {
  w.u64(d.expiration_ms);
  w.u64(d.initiated_ms);
  w.u64(d.received_ms);
  w.u8(d.hop_counter);
  write_list(w, d.infos, 2);
}

diagnostics_response read_response(core::wire_reader& r) {
  diagnostics_response d;
  d.expiration_ms = r.u64();
  d.initiated_ms = r.u64();
  d.received_ms = r.u64();
  d.hop_counter = r.u8();
  d.infos = read_list(r, 2);
  return d;
}

}  // namespace

core::bytes encode_ping_request(std::size_t padding) {
  core::bytes out;
  core::wire_writer w(out);
  w.opaque(2, core::bytes(padding));
  return out;
}

core::status check_ping_request(core::byte_view body) {
  core::wire_reader r(body);
  r.opaque(2);
  if (!r.done()) return core::fail(errc::invalid_message, "PingReq");
  return {};
}

core::bytes ping_answer::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u64(response_id);
  w.u64(time_ms);
  return out;
}

core::result<ping_answer> ping_answer::decode(core::byte_view body) {
  core::wire_reader r(body);
  ping_answer a;
  a.response_id = r.u64();
  a.time_ms = r.u64();
  return finish(r, a, "PingAns");
}

core::bytes probe_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.opaque(1, requested);
  return out;
}

core::result<probe_request> probe_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  probe_request p;
  p.requested = core::to_bytes(r.opaque(1));
  return finish(r, std::move(p), "ProbeReq");
}

core::bytes probe_answer::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  const auto m = w.open(2);
  for (const auto& [type, value] : values) {
    w.u8(static_cast<std::uint8_t>(type));
    w.u8(4);
    w.u32(value);
  }
  w.close(m);
  return out;
}

core::result<probe_answer> probe_answer::decode(core::byte_view body) {
  core::wire_reader r(body);
  core::wire_reader list(r.opaque(2));
  probe_answer a;
  while (list.ok() && !list.empty()) {  // ends with the list
    const auto type = static_cast<probe_information>(list.u8());
    core::wire_reader value(list.opaque(1));
    const bool known = type >= probe_information::responsible_set && type <= probe_information::uptime;
    if (!known) continue;  // the length is there "for unknown option types"
    a.values.emplace_back(type, value.u32());
    if (!value.done()) list.fail();
  }
  if (!list.ok()) r.fail();
  return finish(r, std::move(a), "ProbeAns");
}

core::bytes diagnostics_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  write(w, *this);
  return out;
}

core::result<diagnostics_request> diagnostics_request::decode(core::byte_view content) {
  core::wire_reader r(content);
  auto d = read_request(r);
  return finish(r, std::move(d), "DiagnosticsRequest");
}

core::bytes diagnostics_response::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  write(w, *this);
  return out;
}

core::result<diagnostics_response> diagnostics_response::decode(core::byte_view content) {
  core::wire_reader r(content);
  auto d = read_response(r);
  return finish(r, std::move(d), "DiagnosticsResponse");
}

const core::bytes* diagnostics_response::find(std::uint16_t kind) const {
  const auto at = std::ranges::find(infos, kind, &diagnostic::kind);
  return at == infos.end() ? nullptr : &at->content;
}

core::bytes path_track_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  target.write(w);
  write(w, request);
  return out;
}

core::result<path_track_request> path_track_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  path_track_request p;
  p.target = destination::read(r);
  p.request = read_request(r);
  return finish(r, std::move(p), "PathTrackReq");
}

core::bytes path_track_answer::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  next_hop.write(w);
  write(w, response);
  return out;
}

core::result<path_track_answer> path_track_answer::decode(core::byte_view body) {
  core::wire_reader r(body);
  path_track_answer p;
  p.next_hop = destination::read(r);
  p.response = read_response(r);
  return finish(r, std::move(p), "PathTrackAns");
}

std::optional<diagnostics_request> diagnostics_in(core::byte_view payload) {
  core::wire_reader r(payload);
  const auto code = r.u16();
  if (code != code::path_track_req && code != code::ping_req) return std::nullopt;
  const auto body = r.opaque(4);
  core::wire_reader extensions(r.opaque(4));
  if (code == code::path_track_req) {
    auto p = path_track_request::decode(body);
    return p ? std::optional(std::move(p->request)) : std::nullopt;
  }
  while (extensions.ok() && !extensions.empty()) {  // ends with the list
    const auto type = extensions.u16();
    extensions.u8();
    const auto content = extensions.opaque(4);
    if (type != diagnostic_ping_extension) continue;
    auto d = diagnostics_request::decode(content);
    return d ? std::optional(std::move(*d)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace phyllo::overlay
