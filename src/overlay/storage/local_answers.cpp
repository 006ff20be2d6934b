#include "storage/local_answers.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "reload/message.hpp"
#include "storage/live_state.hpp"

namespace phyllo::overlay {

// error_info is KindId unknown_kinds<0..2^8-1>.
message_contents local_answers::unknown_kinds(const std::vector<kind_id>& kinds) {
  core::bytes info;
  core::wire_writer w(info);
  const auto m = w.open(1);
  for (std::size_t i = 0; i < kinds.size() && i < 63; ++i) w.u32(kinds[i]);
  w.close(m);
  return make_error(error_code::unknown_kind, core::as_text(info));
}

message_contents local_answers::find(const incoming& request) const {
  const auto body = find_request::decode(request.contents.body);
  if (!body) return make_error(error_code::invalid_message, "FindReq");
  if (!held_.stands_in(body->resource)) return make_error(error_code::not_found, "this node is not responsible");
  find_answer out;
  for (const auto kind : body->kinds) out.results.emplace_back(kind, held_.store().nearest(body->resource, kind).value_or(resource_id{}));
  message_contents m;
  m.code = code::find_req + 1;
  m.body = out.encode();
  return m;
}

std::optional<std::uint32_t> local_answers::array_end(const resource_id& resource, kind_id kind) const {
  std::optional<std::uint32_t> end;
  for (const auto* v : held_.store().values(resource, kind)) {
    if (v->lifetime_left(env_.now()) != 0) end = std::max(end.value_or(0), v->data.value.index);
  }
  return end;
}

fetch_kind_response local_answers::held_of(const fetch_request& request, const data_specifier& asked) const {
  fetch_kind_response k{.kind = asked.kind, .generation = held_.store().generation(request.resource, asked.kind), .values = {}};
  // "If the generation counter in the request matches the stored counter, ... no StoredData values."
  if (asked.generation != 0 && asked.generation == k.generation) return k;
  const auto end = array_end(request.resource, asked.kind);
  const auto s = with_final_element(asked, end);
  for (const auto* v : held_.store().values(request.resource, s.kind)) {
    if (v->lifetime_left(env_.now()) != 0 && asks_for(s, v->data.value)) k.values.push_back(v->passed_on(env_.now()));
  }
  auto missing = missing_from(s, find_kind(held_.kinds(), s.kind)->model, k.values, end);
  std::ranges::move(missing, std::back_inserter(k.values));
  return k;
}

message_contents local_answers::make(std::uint16_t code, const fetch_request& request) const {
  auto unknown = request.unknown;
  for (const auto& s : request.specifiers) {
    if (find_kind(held_.kinds(), s.kind) == nullptr) unknown.push_back(s.kind);
  }
  if (!unknown.empty()) return unknown_kinds(unknown);
  fetch_answer values;
  stat_answer metadata;
  message_contents m;
  m.code = static_cast<std::uint16_t>(code + 1);
  std::set<identity::sha256_digest> signers{self_.certificate.fingerprint()};
  for (const auto& s : request.specifiers) {
    auto k = held_of(request, s);
    stat_kind_response described{.kind = k.kind, .generation = k.generation, .values = {}};
    for (const auto& d : k.values) {
      described.values.push_back(stored_metadata::of(d, d.lifetime));
      const auto* held = code == code::fetch_req ? held_.store().find({request.resource, k.kind, d.value.entry()}) : nullptr;
      if (held != nullptr && signers.insert(held->signer.fingerprint()).second) m.certificates.push_back(held->signer);
    }
    metadata.kinds.push_back(std::move(described));
    values.kinds.push_back(std::move(k));
  }
  m.body = code == code::fetch_req ? values.encode() : metadata.encode();
  if (auto state = held_.state_of(request.resource)) m.extensions.push_back(std::move(*state));
  return m;
}

state_digest local_answers::live_digest(const fetch_request& request) const {
  live_state state;
  for (const auto& asked : request.specifiers) {
    const auto s = with_final_element(asked, array_end(request.resource, asked.kind));
    for (const auto* v : held_.store().values(request.resource, s.kind)) {
      if (asks_for(s, v->data.value)) state.add(s.kind, v->data, v->version, v->lifetime_left(env_.now()));
    }
  }
  return state.digest();
}

void local_answers::leave_out_what_is_seen(message_contents& m, const fetch_request& request, const watch_request& w) const {
  if (m.code != code::fetch_req + 1 || live_digest(request) != w.seen) return;
  auto answer = fetch_answer::decode(m.body, held_.kinds());
  if (!answer) return;
  for (auto& k : answer->kinds) k.values.clear();
  m.body = answer->encode();
  m.certificates.clear();
  m.extensions.push_back({.type = extension_type::watch, .critical = false, .content = {}});
}

}  // namespace phyllo::overlay
