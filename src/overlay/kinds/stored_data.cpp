#include "kinds/stored_data.hpp"

#include <algorithm>
#include <utility>

#include "phyllo/identity/digest.hpp"
#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

void data_value::write(core::wire_writer& w) const {
  if (model == data_model::array) w.u32(index);
  if (model == data_model::dictionary) w.opaque(2, key);
  w.u8(exists ? 1 : 0);
  w.opaque(4, value);
}

data_value data_value::read(core::wire_reader& r, data_model model) {
  data_value v;
  v.model = model;
  if (model == data_model::array) v.index = r.u32();
  if (model == data_model::dictionary) v.key = core::to_bytes(r.opaque(2));
  const auto exists = r.u8();
  v.exists = exists == 1;
  v.value = core::to_bytes(r.opaque(4));
  if (exists > 1 || (!v.exists && !v.value.empty())) r.fail();
  return v;
}

core::bytes data_value::entry() const {
  core::bytes out;
  core::wire_writer w(out);
  if (model == data_model::array) w.u32(index);
  if (model == data_model::dictionary) w.raw(key);
  return out;
}

void stored_data::write(core::wire_writer& w) const {
  const auto m = w.open(4);
  w.u64(storage_time);
  w.u32(lifetime);
  value.write(w);
  signature.write(w);
  w.close(m);
}

stored_data stored_data::read(core::wire_reader& r, data_model model) {
  core::wire_reader inner(r.opaque(4));
  stored_data d;
  d.storage_time = inner.u64();
  d.lifetime = inner.u32();
  d.value = data_value::read(inner, model);
  d.signature = identity::signature::read(inner);
  if (!inner.done()) r.fail();
  return d;
}

version stored_data::version() const {
  core::bytes encoded;
  core::wire_writer w(encoded);
  value.write(w);
  return {storage_time, identity::sha256(encoded)};
}

std::size_t stored_data::size() const {
  core::bytes encoded;
  core::wire_writer w(encoded);
  write(w);
  return encoded.size();
}

core::bytes signature_input(const resource_id& resource, kind_id kind, const stored_data& d) {
  core::bytes input;
  core::wire_writer w(input);
  write_resource(w, resource);
  w.u32(kind);
  w.u64(d.storage_time);
  auto value = d.value;
  value.index = 0;
  value.write(w);
  return input;
}

void sign(stored_data& d, const resource_id& resource, kind_id kind, const identity::credential& by) {
  d.signature = identity::sign(by, {signature_input(resource, kind, d)});
}

core::status verify(const stored_data& d, const resource_id& resource, kind_id kind, const identity::certificate& signer) {
  const bool anonymous = d.signature.hash == 0 && d.signature.algorithm == 0;
  if (anonymous || d.signature.certificate_hash() == nullptr) return core::fail(errc::forbidden, "an unsigned value");
  return identity::verify(d.signature, signer, {signature_input(resource, kind, d)});
}

stored_data nonexistent(data_model model, core::bytes key) {
  stored_data d;
  d.value.model = model;
  d.value.key = std::move(key);
  d.value.exists = false;
  d.signature.hash = 0;
  d.signature.algorithm = 0;
  d.signature.identity_type = 3;
  return d;
}

void write_resource(core::wire_writer& w, const resource_id& id) { w.opaque(1, id.octets); }

resource_id read_resource(core::wire_reader& r) {
  const auto id = resource_id::from_bytes(r.opaque(1));
  if (!id) r.fail();
  return id.value_or(resource_id{});
}

node_id read_node(core::wire_reader& r) {
  const auto data = r.take(node_id::size);
  const auto id = node_id::from_bytes(data);
  if (!id) r.fail();
  return id.value_or(node_id{});
}

}  // namespace phyllo::overlay
