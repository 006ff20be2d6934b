// Requests as they arrive, and what is answered from the store alone: Stat, Find, and a Fetch of what is held.
#include <algorithm>
#include <iterator>

#include "phyllo/overlay/errc.hpp"
#include "storage/storage_node.hpp"

namespace phyllo::overlay {

core::awaitable<message_contents> storage_node::handle(incoming request) {
  refresh();
  const auto options = decode(request.contents.extensions);
  if (!options) co_return make_error(options.error());
  const auto o = *options;
  switch (request.contents.code) {
    case code::store_req: co_return co_await store(std::move(request), o);
    case code::fetch_req:
    case code::stat_req: co_return co_await fetch(std::move(request), o);
    case code::find_req: co_return find(request);
    default: co_return make_error(error_code::invalid_message, "not a method of storage");
  }
}

// error_info is KindId unknown_kinds<0..2^8-1>.
message_contents storage_node::unknown_kinds(const std::vector<kind_id>& kinds) {
  core::bytes info;
  core::wire_writer w(info);
  const auto m = w.open(1);
  for (std::size_t i = 0; i < kinds.size() && i < 63; ++i) w.u32(kinds[i]);
  w.close(m);
  return make_error(error_code::unknown_kind, core::as_text(info));
}

message_contents storage_node::find(const incoming& request) const {
  const auto body = find_request::decode(request.contents.body);
  if (!body) return make_error(error_code::invalid_message, "FindReq");
  if (sets_.stand_in(body->resource) != ring_.self()) return make_error(error_code::not_found, "this node is not responsible");
  find_answer out;
  for (const auto kind : body->kinds) out.results.emplace_back(kind, store_.nearest(body->resource, kind).value_or(resource_id{}));
  message_contents m;
  m.code = code::find_req + 1;
  m.body = out.encode();
  return m;
}

std::optional<std::uint32_t> storage_node::array_end(const resource_id& resource, kind_id kind) const {
  std::optional<std::uint32_t> end;
  for (const auto* v : store_.values(resource, kind)) {
    if (v->lifetime_left(env_.now()) != 0) end = std::max(end.value_or(0), v->data.value.index);
  }
  return end;
}

fetch_kind_response storage_node::held_of(const fetch_request& request, const data_specifier& asked) const {
  fetch_kind_response k{.kind = asked.kind, .generation = store_.generation(request.resource, asked.kind), .values = {}};
  // "If the generation counter in the request matches the stored counter, ... no StoredData values."
  if (asked.generation != 0 && asked.generation == k.generation) return k;
  const auto end = array_end(request.resource, asked.kind);
  const auto s = with_final_element(asked, end);
  for (const auto* v : store_.values(request.resource, s.kind)) {
    if (v->lifetime_left(env_.now()) != 0 && asks_for(s, v->data.value)) k.values.push_back(v->passed_on(env_.now()));
  }
  auto missing = missing_from(s, find_kind(kinds_, s.kind)->model, k.values, end);
  std::ranges::move(missing, std::back_inserter(k.values));
  return k;
}

message_contents storage_node::local_answer(std::uint16_t code, const fetch_request& request) const {
  if (!request.unknown.empty()) return unknown_kinds(request.unknown);
  fetch_answer values;
  stat_answer metadata;
  message_contents m;
  m.code = static_cast<std::uint16_t>(code + 1);
  std::set<identity::sha256_digest> signers{self_->certificate.fingerprint()};
  for (const auto& s : request.specifiers) {
    auto k = held_of(request, s);
    stat_kind_response described{.kind = k.kind, .generation = k.generation, .values = {}};
    for (const auto& d : k.values) {
      described.values.push_back(stored_metadata::of(d, d.lifetime));
      const auto* held = code == code::fetch_req ? store_.find({request.resource, k.kind, d.value.entry()}) : nullptr;
      if (held != nullptr && signers.insert(held->signer.fingerprint()).second) m.certificates.push_back(held->signer);
    }
    metadata.kinds.push_back(std::move(described));
    values.kinds.push_back(std::move(k));
  }
  m.body = code == code::fetch_req ? values.encode() : metadata.encode();
  m.extensions.push_back(state_of(request.resource));
  return m;
}
}  // namespace phyllo::overlay
