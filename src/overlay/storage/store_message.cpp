#include "storage/store_message.hpp"

#include <algorithm>
#include <set>

#include "phyllo/overlay/errc.hpp"
namespace phyllo::overlay {
namespace {

// A StoreReq of hostile length must not become a list of many small values.
constexpr std::size_t values_max = 1024;

store_kind_data read_kind_data(core::wire_reader& r, kind_table kinds, std::vector<kind_id>& unknown) {
  store_kind_data data;
  data.kind = r.u32();
  data.generation = r.u64();
  core::wire_reader values(r.opaque(4));
  const auto* known = find_kind(kinds, data.kind);
  if (known == nullptr) {
    unknown.push_back(data.kind);
    return data;
  }
  while (!values.empty() && data.values.size() < values_max) data.values.push_back(stored_data::read(values, known->model));
  if (!values.done()) r.fail();
  return data;
}

}  // namespace

core::bytes store_request::encode() const {
  core::bytes body;
  core::wire_writer w(body);
  write_resource(w, resource);
  w.u8(replica_number);
  const auto all = w.open(4);
  for (const auto& k : kinds) {
    w.u32(k.kind);
    w.u64(k.generation);
    const auto values = w.open(4);
    for (const auto& v : k.values) v.write(w);
    w.close(values);
  }
  w.close(all);
  return body;
}

core::result<store_request> store_request::decode(core::byte_view body, kind_table kinds) {
  core::wire_reader r(body);
  store_request request;
  request.resource = read_resource(r);
  request.replica_number = r.u8();
  core::wire_reader data(r.opaque(4));
  std::set<kind_id> seen;
  while (!data.empty()) {
    auto k = read_kind_data(data, kinds, request.unknown);
    if (!seen.insert(k.kind).second) return core::fail(errc::invalid_message);
    if (find_kind(kinds, k.kind) != nullptr) request.kinds.push_back(std::move(k));
  }
  if (!data.ok() || !r.done()) return core::fail(errc::invalid_message);
  return request;
}

core::bytes store_answer::encode() const {
  core::bytes body;
  core::wire_writer w(body);
  const auto all = w.open(2);
  for (const auto& k : kinds) {
    w.u32(k.kind);
    w.u64(k.generation);
    const auto nodes = w.open(2);
    for (const auto& n : k.replicas) w.raw(n.octets);
    w.close(nodes);
  }
  w.close(all);
  return body;
}

core::result<store_answer> store_answer::decode(core::byte_view body) {
  core::wire_reader r(body);
  core::wire_reader all(r.opaque(2));
  store_answer answer;
  while (!all.empty()) {
    store_kind_response k;
    k.kind = all.u32();
    k.generation = all.u64();
    core::wire_reader nodes(all.opaque(2));
    while (!nodes.empty()) k.replicas.push_back(read_node(nodes));
    if (!nodes.ok()) return core::fail(errc::invalid_message);
    answer.kinds.push_back(std::move(k));
  }
  if (!all.ok() || !r.done()) return core::fail(errc::invalid_message);
  return answer;
}

}  // namespace phyllo::overlay
