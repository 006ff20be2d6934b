#include "pastry/topology_messages.hpp"

#include "kinds/stored_data.hpp"

namespace phyllo::overlay {
namespace {

void write_state(core::wire_writer& w, const leaf_set_state& s) {
  const auto m = w.open(2);
  s.write(w);
  w.close(m);
}

leaf_set_state read_state(core::wire_reader& r) {
  core::wire_reader data(r.opaque(2));
  auto s = leaf_set_state::read(data);
  if (!data.done()) r.fail();
  return s;
}

template <class T>
core::result<T> finish(const core::wire_reader& r, T value, const char* what) {
  if (!r.done()) return core::fail(errc::invalid_message, what);
  return value;
}

void read_query_data(core::wire_reader& r, route_query_request& q) {
  if (r.empty()) return;  // of a node that knows nothing of this plug-in: what it asks is the next hop
  q.type = static_cast<query_type>(r.u8());
  switch (q.type) {
    case query_type::none: break;
    case query_type::probe: q.state = leaf_set_state::read(r); break;
    case query_type::rows:
      q.first_row = r.u8();
      q.last_row = r.u8();
      break;
    case query_type::sync:
    case query_type::revocations:
    case query_type::document: q.content = core::to_bytes(r.rest()); break;
    default: r.fail();
  }
}

}  // namespace

core::bytes membership_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.raw(node.octets);
  write_state(w, state);
  return out;
}

core::result<membership_request> membership_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  membership_request m;
  m.node = read_node(r);
  m.state = read_state(r);
  return finish(r, std::move(m), "JoinReq");
}

core::bytes leave_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.raw(node.octets);
  w.u16(0);
  return out;
}

core::result<leave_request> leave_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  leave_request l;
  l.node = read_node(r);
  if (!r.opaque(2).empty()) r.fail();
  return finish(r, std::move(l), "LeaveReq");
}

core::bytes encode_join_answer(const leaf_set_state& s) {
  core::bytes out;
  core::wire_writer w(out);
  write_state(w, s);
  return out;
}

core::result<leaf_set_state> decode_join_answer(core::byte_view body) {
  core::wire_reader r(body);
  auto s = read_state(r);
  return finish(r, std::move(s), "JoinAns");
}

core::bytes update_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(static_cast<std::uint8_t>(type));
  w.u32(update_reserved);
  switch (type) {
    case update_type::active: state.write(w); break;
    case update_type::rows: write_rows(w, rows); break;
    case update_type::supernodes: write_nodes(w, supernodes); break;
    case update_type::synced:
      w.opaque(1, first.octets);
      w.opaque(1, last.octets);
      w.u64(view);
      break;
    case update_type::revocations: w.raw(content); break;
  }
  return out;
}

core::result<update_request> update_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  update_request u;
  u.type = static_cast<update_type>(r.u8());
  if (r.u32() != update_reserved) r.fail();
  switch (u.type) {
    case update_type::active: u.state = leaf_set_state::read(r); break;
    case update_type::rows: u.rows = read_rows(r); break;
    case update_type::supernodes: u.supernodes = read_nodes(r); break;
    case update_type::synced:
      u.first = read_resource(r);
      u.last = read_resource(r);
      u.view = r.u64();
      break;
    case update_type::revocations: u.content = core::to_bytes(r.rest()); break;
    default: r.fail();
  }
  return finish(r, std::move(u), "UpdateReq");
}

core::bytes route_query_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(send_update ? 1 : 0);
  target.write(w);
  const auto m = w.open(2);
  w.u8(static_cast<std::uint8_t>(type));
  switch (type) {
    case query_type::none: break;
    case query_type::probe: state.write(w); break;
    case query_type::rows:
      w.u8(first_row);
      w.u8(last_row);
      break;
    case query_type::sync:
    case query_type::revocations:
    case query_type::document: w.raw(content); break;
  }
  w.close(m);
  return out;
}

core::result<route_query_request> route_query_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  route_query_request q;
  const auto update = r.u8();
  q.send_update = update == 1;
  q.target = destination::read(r);
  core::wire_reader data(r.opaque(2));
  read_query_data(data, q);
  if (update > 1 || !data.done()) r.fail();
  return finish(r, std::move(q), "RouteQueryReq");
}

core::bytes route_query_answer::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.raw(next_peer.octets);
  w.u8(static_cast<std::uint8_t>(type));
  switch (type) {
    case query_type::none: break;
    case query_type::probe:
      state.write(w);
      write_grants(w, granted);
      break;
    case query_type::rows:
      write_rows(w, rows);
      state.write(w);
      break;
    case query_type::sync:
    case query_type::revocations:
    case query_type::document: w.raw(content); break;
  }
  return out;
}

core::result<route_query_answer> route_query_answer::decode(core::byte_view body) {
  core::wire_reader r(body);
  route_query_answer a;
  a.next_peer = read_node(r);
  a.type = static_cast<query_type>(r.u8());
  switch (a.type) {
    case query_type::none: break;
    case query_type::probe:
      a.state = leaf_set_state::read(r);
      a.granted = read_grants(r);
      break;
    case query_type::rows:
      a.rows = read_rows(r);
      a.state = leaf_set_state::read(r);
      break;
    case query_type::sync:
    case query_type::revocations:
    case query_type::document: a.content = core::to_bytes(r.rest()); break;
    default: r.fail();
  }
  return finish(r, std::move(a), "RouteQueryAns");
}

}  // namespace phyllo::overlay
