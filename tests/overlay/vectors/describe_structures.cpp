#include "reload/attach_stamp.hpp"
#include "storage/storage_extension.hpp"
#include "vectors/describe.hpp"

namespace phyllo::testing {

using namespace overlay;

namespace {

json at(const transport::endpoint& e) { return {{"address", e.address.to_string()}, {"port", e.port}}; }

json named(const place_list& list, std::size_t nodes) {
  auto out = json::array();
  if (list == place_list()) return out;
  for (std::size_t i = 0; i < nodes; ++i) out.push_back(each(list.of(i)));
  return out;
}

}  // namespace

std::string hex(core::byte_view data) { return core::to_hex(data); }

std::string hex(std::uint64_t word) {
  core::bytes out;
  core::wire_writer(out).u64(word);
  return hex(core::byte_view(out));
}

json describe(const node_id& n) { return hex(n); }

json describe(const destination& d) {
  switch (d.type) {
    case destination_type::node: return {{"type", "node"}, {"id", hex(d.id)}};
    case destination_type::resource: return {{"type", "resource"}, {"id", hex(d.id)}};
    default: return {{"type", "opaque"}, {"id", hex(core::byte_view(d.opaque))}};
  }
}

json describe(const forwarding_option& o) { return {{"type", o.type}, {"flags", o.flags}, {"content", hex(core::byte_view(o.content))}}; }

json describe(const transport::candidate& c) {
  return {{"overlay_link", static_cast<int>(c.kind)}, {"address", c.at.address.to_string()}, {"port", c.at.port}};
}

json describe(const signed_grant& g) { return {{"granter", hex(g.granter)}, {"signature", describe(g.signature)}}; }

json describe(const table_row& r) {
  return {{"row", r.row}, {"entries", each(r.entries)}, {"rtts", r.rtts}, {"named", named(r.named, r.entries.size())}};
}

json describe(const ice_candidate& c) {
  json out = at(c.at);
  out["overlay_link"] = c.overlay_link;
  out["foundation"] = c.foundation;
  out["priority"] = c.priority;
  out["type"] = static_cast<int>(c.type);
  if (c.related) out["related"] = at(*c.related);
  return out;
}

json describe(const diagnostic& d) { return {{"kind", d.kind}, {"content", hex(core::byte_view(d.content))}}; }

json describe(const diagnostics_request& d) {
  return {{"expiration", d.expiration_ms},
          {"timestamp_initiated", d.initiated_ms},
          {"dMFlags", hex(d.flags)},
          {"extensions", each(d.extensions)}};
}

json describe(const diagnostics_response& d) {
  return {{"expiration", d.expiration_ms},
          {"timestamp_initiated", d.initiated_ms},
          {"timestamp_received", d.received_ms},
          {"hop_counter", d.hop_counter},
          {"infos", each(d.infos)}};
}

json describe(const identity::signature& s) {
  return {{"hash", s.hash},
          {"algorithm", s.algorithm},
          {"identity_type", s.identity_type},
          {"identity_value", hex(core::byte_view(s.identity_value))},
          {"value", hex(core::byte_view(s.value))}};
}

json describe(const forwarding_header& h) {
  return {{"overlay", h.overlay},
          {"configuration_sequence", h.configuration_sequence},
          {"ttl", h.ttl},
          {"fragment", h.fragment},
          {"transaction_id", hex(h.transaction_id)},
          {"max_response_length", h.max_response_length},
          {"via", each(h.via)},
          {"destinations", each(h.destinations)},
          {"options", each(h.options)}};
}

json describe(const leaf_set_state& s) {
  return {{"version", leaf_set_state::version},
          {"incarnation", s.incarnation},
          {"clock", s.clock_ms},
          {"flags", s.flags},
          {"own", each(s.own)},
          {"left", each(s.left)},
          {"right", each(s.right)},
          {"failed", each(s.failed)},
          {"named", named(s.named, s.left.size() + s.right.size())},
          {"grants", each(s.grants)}};
}

json describe(const stored_data& d) {
  json out{{"storage_time", d.storage_time}, {"lifetime", d.lifetime}};
  if (d.value.model == data_model::array) out["index"] = d.value.index;
  if (d.value.model == data_model::dictionary) out["key"] = hex(core::byte_view(d.value.key));
  out["exists"] = d.value.exists;
  out["value"] = hex(core::byte_view(d.value.value));
  out["signature"] = describe(d.signature);
  return out;
}

json describe(const arc& a) { return {{"first", hex(a.first)}, {"last", hex(a.last)}}; }

json describe(const item_key& k) { return {{"resource", hex(k.resource)}, {"kind", k.kind}, {"entry", hex(core::byte_view(k.entry))}}; }

json describe(const store_kind_data& k) { return {{"kind", k.kind}, {"generation", k.generation}, {"values", each(k.values)}}; }

json describe(const fetch_kind_response& k) { return {{"kind", k.kind}, {"generation", k.generation}, {"values", each(k.values)}}; }

json describe(const stat_kind_response& k) { return {{"kind", k.kind}, {"generation", k.generation}, {"values", each(k.values)}}; }

json describe(const store_kind_response& k) { return {{"kind", k.kind}, {"generation", k.generation}, {"replicas", each(k.replicas)}}; }

json describe(const stored_metadata& m) {
  json out{{"storage_time", m.storage_time}, {"lifetime", m.lifetime}};
  if (m.model == data_model::array) out["index"] = m.index;
  if (m.model == data_model::dictionary) out["key"] = hex(core::byte_view(m.key));
  out.update(
      {{"exists", m.exists}, {"value_length", m.length}, {"hash_algorithm", m.hash_algorithm}, {"hash", hex(core::byte_view(m.hash))}});
  return out;
}

json describe(const sync_item& i) {
  return {{"key", describe(i.key)}, {"storage_time", i.version.storage_time}, {"hash", hex(core::byte_view(i.version.hash))}};
}

json describe(const sync_value& v) {
  return {{"resource", hex(v.resource)}, {"kind", v.kind}, {"generation", v.generation}, {"data", describe(v.data)}};
}

json describe(const item_digest& d) { return hex(core::byte_view(d)); }

json describe(const extension& e) {
  json out{{"type", e.type}, {"critical", e.critical}, {"content", hex(core::byte_view(e.content))}};
  core::wire_reader r(e.content);
  message_contents m;
  m.extensions.push_back(e);
  switch (e.type) {
    case extension_type::replica_view: out["view"] = hex(r.u64()); break;
    case extension_type::store_condition: out["condition"] = r.u8(); break;
    case extension_type::watch:
      if (e.content.empty()) break;
      out["hold_ms"] = r.u32();
      out["seen"] = hex(r.rest());
      break;
    case extension_type::replica_state: {
      const auto s = replica_state::of(m).value();
      out.update({{"view", hex(s.view)}, {"holders", s.holders}, {"members", each(s.members)}, {"unsynced", each(s.unsynced)}});
      break;
    }
    case attach_stamp::type: {
      const auto s = attach_stamp::of(m).value();
      out.update({{"unix_ms", s.made_ms}, {"target", describe(s.target)}});
      break;
    }
    case leave_request::extension_type: out["state"] = describe(leaf_set_state::read(r)); break;
    default: break;
  }
  return out;
}

}  // namespace phyllo::testing
