#include "diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

template <class T>
core::result<T> finish(const core::wire_reader& r, T value, const char* what) {
  if (!r.done()) return core::fail(errc::invalid_message, what);
  return value;
}

// ext_length counts the data of the list that follows with a length of its own.
void write_list(core::wire_writer& w, core::byte_view list) {
  w.u32(static_cast<std::uint32_t>(list.size()));
  w.opaque(4, list);
}

core::bytes read_list(core::wire_reader& r) {
  const auto size = r.u32();
  const auto list = r.opaque(4);
  if (list.size() != size) r.fail();
  return core::to_bytes(list);
}

}  // namespace

core::bytes print_ping_request(std::size_t padding) {
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

core::bytes ping_answer::print() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u64(response_id);
  w.u64(time_ms);
  return out;
}

core::result<ping_answer> ping_answer::read(core::byte_view body) {
  core::wire_reader r(body);
  ping_answer a;
  a.response_id = r.u64();
  a.time_ms = r.u64();
  return finish(r, a, "PingAns");
}

core::bytes probe_request::print() const {
  core::bytes out;
  core::wire_writer w(out);
  w.opaque(1, requested);
  return out;
}

core::result<probe_request> probe_request::read(core::byte_view body) {
  core::wire_reader r(body);
  probe_request p;
  p.requested = core::to_bytes(r.opaque(1));
  return finish(r, std::move(p), "ProbeReq");
}

core::bytes probe_answer::print() const {
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

core::result<probe_answer> probe_answer::read(core::byte_view body) {
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

core::bytes path_track_request::print() const {
  core::bytes out;
  core::wire_writer w(out);
  target.write(w);
  w.u64(expiration_ms);
  w.u64(initiated_ms);
  w.u64(flags);
  write_list(w, extensions);
  return out;
}

core::result<path_track_request> path_track_request::read(core::byte_view body) {
  core::wire_reader r(body);
  path_track_request p;
  p.target = destination::read(r);
  p.expiration_ms = r.u64();
  p.initiated_ms = r.u64();
  p.flags = r.u64();
  p.extensions = read_list(r);
  return finish(r, std::move(p), "PathTrackReq");
}

core::bytes path_track_answer::print() const {
  core::bytes out;
  core::wire_writer w(out);
  next_hop.write(w);
  w.u64(expiration_ms);
  w.u64(initiated_ms);
  w.u64(received_ms);
  w.u8(hop_counter);
  write_list(w, infos);
  return out;
}

core::result<path_track_answer> path_track_answer::read(core::byte_view body) {
  core::wire_reader r(body);
  path_track_answer p;
  p.next_hop = destination::read(r);
  p.expiration_ms = r.u64();
  p.initiated_ms = r.u64();
  p.received_ms = r.u64();
  p.hop_counter = r.u8();
  p.infos = read_list(r);
  return finish(r, std::move(p), "PathTrackAns");
}

}  // namespace phyllo::overlay
