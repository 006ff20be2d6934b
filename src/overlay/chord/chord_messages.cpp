#include "chord/chord_messages.hpp"

namespace phyllo::overlay {
namespace {

template <class T>
core::result<T> all_read(const core::wire_reader& r, T value, const char* what) {
  if (!r.done()) return core::fail(errc::invalid_message, what);
  return value;
}

node_id read_issued(core::wire_reader& r) {
  const auto n = node_id::from_bytes(r.take(node_id::size)).value_or(node_id{});
  if (n.reserved()) r.fail();
  return n;
}

// Of the types that are known.
bool names_neighbors(chord_update_type t) { return t != chord_update_type::peer_ready; }

chord_update_type read_update_type(core::wire_reader& r) {
  const auto t = r.u8();
  if (t < static_cast<std::uint8_t>(chord_update_type::peer_ready) || t > static_cast<std::uint8_t>(chord_update_type::full)) r.fail();
  return static_cast<chord_update_type>(t);
}

chord_leave_type read_leave_type(core::wire_reader& r) {
  const auto t = static_cast<chord_leave_type>(r.u8());
  if (t != chord_leave_type::from_succ && t != chord_leave_type::from_pred) r.fail();
  return t;
}

}  // namespace

core::bytes chord_update::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u32(uptime);
  w.u8(static_cast<std::uint8_t>(type));
  if (names_neighbors(type)) {
    write_nodes(w, predecessors);
    write_nodes(w, successors);
  }
  if (type == chord_update_type::full) write_nodes(w, fingers);
  return out;
}

core::result<chord_update> chord_update::decode(core::byte_view body) {
  core::wire_reader r(body);
  chord_update u;
  u.uptime = r.u32();
  u.type = read_update_type(r);
  if (names_neighbors(u.type)) {
    u.predecessors = read_nodes(r);
    u.successors = read_nodes(r);
  }
  if (u.type == chord_update_type::full) u.fingers = read_nodes(r);
  return all_read(r, std::move(u), "ChordUpdate");
}

core::bytes chord_leave_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.raw(node.octets);
  const auto data = w.open(2);
  w.u8(static_cast<std::uint8_t>(type));
  write_nodes(w, nodes);
  w.close(data);
  return out;
}

core::result<chord_leave_request> chord_leave_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  chord_leave_request l;
  l.node = read_issued(r);
  core::wire_reader data(r.opaque(2));
  l.type = read_leave_type(data);
  l.nodes = read_nodes(data);
  if (!data.done()) r.fail();
  return all_read(r, std::move(l), "ChordLeaveData");
}

core::bytes chord_join_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.raw(node.octets);
  w.u16(0);
  return out;
}

core::result<chord_join_request> chord_join_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  chord_join_request j;
  j.node = read_issued(r);
  r.opaque(2);
  return all_read(r, std::move(j), "JoinReq");
}

core::bytes encode_chord_join_answer() { return {0, 0}; }

core::status check_chord_join_answer(core::byte_view body) {
  core::wire_reader r(body);
  r.opaque(2);
  if (!r.done()) return core::fail(errc::invalid_message, "JoinAns");
  return {};
}

core::bytes chord_route_query_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(send_update ? 1 : 0);
  target.write(w);
  w.u16(0);
  return out;
}

core::result<chord_route_query_request> chord_route_query_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  chord_route_query_request q;
  const auto update = r.u8();
  if (update > 1) r.fail();
  q.send_update = update == 1;
  q.target = destination::read(r);
  r.opaque(2);
  return all_read(r, std::move(q), "RouteQueryReq");
}

core::bytes chord_route_query_answer::encode() const { return core::to_bytes(core::byte_view(next_peer.octets)); }

core::result<chord_route_query_answer> chord_route_query_answer::decode(core::byte_view body) {
  core::wire_reader r(body);
  chord_route_query_answer a;
  a.next_peer = read_issued(r);
  return all_read(r, std::move(a), "ChordRouteQueryAns");
}

}  // namespace phyllo::overlay
