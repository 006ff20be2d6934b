#include "storage/sync_message.hpp"

#include <algorithm>
#include <set>

#include "phyllo/overlay/errc.hpp"
namespace phyllo::overlay {
namespace {

constexpr std::size_t signers_max = 256;
constexpr std::size_t keys_max = 1024;

void write_key(core::wire_writer& w, const item_key& k) {
  write_resource(w, k.resource);
  w.u32(k.kind);
  w.opaque(2, k.entry);
}

item_key read_key(core::wire_reader& r) {
  item_key k;
  k.resource = read_resource(r);
  k.kind = r.u32();
  k.entry = core::to_bytes(r.opaque(2));
  return k;
}

template <class Array>
Array read_array(core::wire_reader& r) {
  Array out{};
  const auto data = r.take(out.size());
  std::ranges::copy(data, out.begin());
  return out;
}

template <class Value, class Read>
core::result<std::vector<Value>> read_all(core::byte_view content, Read read) {
  core::wire_reader r(content);
  std::vector<Value> list;
  while (!r.empty() && list.size() < keys_max) list.push_back(read(r));
  if (!r.done()) return core::fail(errc::invalid_message);
  return list;
}

}  // namespace

core::bytes sync_request::encode() const {
  core::bytes body;
  core::wire_writer w(body);
  write_resource(w, where.first);
  write_resource(w, where.last);
  w.u64(view);
  w.u8(static_cast<std::uint8_t>(ask));
  w.opaque(3, content);
  return body;
}

core::result<sync_request> sync_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  sync_request s;
  s.where.first = read_resource(r);
  s.where.last = read_resource(r);
  s.view = r.u64();
  const auto ask = r.u8();
  s.ask = static_cast<sync_ask>(ask);
  s.content = core::to_bytes(r.opaque(3));
  if (!r.done() || ask < 1 || ask > 3 || s.where.last < s.where.first) return core::fail(errc::invalid_message);
  return s;
}

core::bytes sync_answer::encode() const {
  core::bytes body;
  core::wire_writer w(body);
  w.u64(view);
  w.u8(static_cast<std::uint8_t>(kind));
  w.opaque(3, content);
  return body;
}

core::result<sync_answer> sync_answer::decode(core::byte_view body) {
  core::wire_reader r(body);
  sync_answer s;
  s.view = r.u64();
  const auto kind = r.u8();
  s.kind = static_cast<sync_reply>(kind);
  s.content = core::to_bytes(r.opaque(3));
  if (!r.done() || kind > 5) return core::fail(errc::invalid_message);
  return s;
}

core::bytes encode_digests(const std::vector<item_digest>& digests) {
  core::bytes out;
  for (const auto& d : digests) core::append(out, d);
  return out;
}

core::result<std::vector<item_digest>> decode_digests(core::byte_view content) {
  return read_all<item_digest>(content, read_array<item_digest>);
}

core::bytes encode_keys(const std::vector<item_key>& keys) {
  core::bytes out;
  core::wire_writer w(out);
  for (const auto& k : keys) write_key(w, k);
  return out;
}

core::result<std::vector<item_key>> decode_keys(core::byte_view content) { return read_all<item_key>(content, read_key); }

core::bytes encode_items(const std::vector<sync_item>& items) {
  core::bytes out;
  core::wire_writer w(out);
  for (const auto& i : items) {
    write_key(w, i.key);
    w.u64(i.version.storage_time);
    w.raw(i.version.hash);
  }
  return out;
}

core::result<std::vector<sync_item>> decode_items(core::byte_view content) {
  return read_all<sync_item>(content, [](core::wire_reader& r) {
    sync_item i;
    i.key = read_key(r);
    i.version.storage_time = r.u64();
    i.version.hash = read_array<identity::sha256_digest>(r);
    return i;
  });
}

core::bytes sync_values::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  const auto m = w.open(3);
  for (const auto& c : certificates) w.opaque(2, c.der());
  w.close(m);
  for (const auto& v : values) {
    write_resource(w, v.resource);
    w.u32(v.kind);
    w.u64(v.generation);
    v.data.write(w);
  }
  return out;
}

core::result<sync_values> sync_values::decode(core::byte_view content, kind_table kinds, const identity::trust& trust) {
  core::wire_reader r(content);
  core::wire_reader certificates(r.opaque(3));
  sync_values out;
  for (std::size_t i = 0; !certificates.empty() && i < signers_max; ++i) {
    if (auto c = trust.read(certificates.opaque(2))) out.certificates.push_back(std::move(*c));
  }
  std::size_t count = 0;
  while (!r.empty() && ++count <= keys_max) {
    sync_value v;
    v.resource = read_resource(r);
    v.kind = r.u32();
    v.generation = r.u64();
    const auto* k = find_kind(kinds, v.kind);
    if (k == nullptr) {  // of a configuration document that has not come here yet
      r.opaque(4);
      continue;
    }
    v.data = stored_data::read(r, k->model);
    out.values.push_back(std::move(v));
  }
  if (!certificates.done() || !r.done()) return core::fail(errc::invalid_message);
  return out;
}

const identity::certificate* sync_values::signer_of(const stored_data& d) const {
  const auto* hash = d.signature.certificate_hash();
  if (hash == nullptr) return nullptr;
  const auto at =
      std::ranges::find_if(certificates, [&](const auto& c) { return std::equal(c.fingerprint().begin(), c.fingerprint().end(), hash); });
  return at == certificates.end() ? nullptr : &*at;
}

sync_values take_batch(const replica_store& store, std::vector<item_key>& keys, core::time_point now) {
  sync_values batch;
  std::set<identity::sha256_digest> signers;
  std::size_t bytes = 0;
  std::size_t taken = 0;
  for (; taken < keys.size() && bytes < sync_bytes_max; ++taken) {
    const auto* held = store.find(keys[taken]);
    if (held == nullptr || held->lifetime_left(now) == 0) continue;
    batch.values.push_back(
        {keys[taken].resource, keys[taken].kind, store.generation(keys[taken].resource, keys[taken].kind), held->passed_on(now)});
    bytes += held->data.size() + 29;  // Resource-ID, Kind and generation
    if (!signers.insert(held->signer.fingerprint()).second) continue;
    batch.certificates.push_back(held->signer);
    bytes += held->signer.der().size() + 2;
  }
  keys.erase(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(taken));
  return batch;
}

}  // namespace phyllo::overlay
