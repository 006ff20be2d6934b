// Requests as they arrive, and what is answered from the store alone: Stat, Find, and a Fetch of what is held.
#include <algorithm>
#include <iterator>

#include "phyllo/overlay/errc.hpp"
#include "storage/storage_node.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::uint64_t ahead_of_replica_max_ms = 86'400'000;  // of what another root has taken: clocks may be wrong by hours

}  // namespace

core::result<identity::certificate> storage_node::signer_of(const stored_data& d, const certificates& carried) const {
  const auto* hash = d.signature.certificate_hash();
  if (hash == nullptr) return core::fail(errc::forbidden, "an unsigned value");
  identity::sha256_digest fingerprint{};
  std::copy_n(hash, fingerprint.size(), fingerprint.begin());
  if (fingerprint == self_->certificate.fingerprint()) return self_->certificate;
  const auto at = std::ranges::find_if(carried, [&](const auto& c) { return c.fingerprint() == fingerprint; });
  if (at != carried.end()) return *at;
  if (const auto* known = ring_.find_certificate(fingerprint)) return *known;
  return core::fail(errc::forbidden, "the certificate of the value's signer is missing");
}

const held_value* storage_node::held(const resource_id& resource, kind_id kind, const stored_data& d) const {
  const auto* at = store_.find({resource, kind, d.value.entry()});
  if (at == nullptr || at->data.storage_time != d.storage_time) return nullptr;
  const bool same = at->data.value == d.value && at->data.signature.value == d.signature.value &&
                    at->data.signature.identity_value == d.signature.identity_value;
  return same ? at : nullptr;
}

version_order storage_node::order() const {
  if (!ring_.clock_agreed()) return {};
  return {core::unix_milliseconds(ring_.wall_now()) + ahead_of_replica_max_ms};
}

// By it a value could be neither overwritten nor removed until then. What is held may be followed by the next millisecond, whatever it is:
// so its owner gets the better of it.
bool storage_node::too_early(const item_key& at, const stored_data& d, std::uint64_t ahead_ms) const {
  if (d.storage_time <= core::unix_milliseconds(ring_.wall_now()) + ahead_ms) return false;
  const auto* held = store_.find(at);
  return held == nullptr || (d.storage_time > held->version.storage_time && d.storage_time - held->version.storage_time > 1);
}

// It was judged before: what may have changed since is the trust in its signer.
core::result<identity::certificate> storage_node::judge_held(const held_value& i) const {
  if (auto s = trust_.check(i.signer, ring_.wall_now()); !s) return core::fail(errc::forbidden, s.error().message());
  return i.signer;
}

core::result<identity::certificate> storage_node::judge(const kind& k, const resource_id& resource, const stored_data& d,
                                                        const certificates& carried) const {
  if (const auto* same = held(resource, k.id, d)) return judge_held(*same);
  if (too_early({resource, k.id, d.value.entry()}, d, ahead_of_replica_max_ms))
    return core::fail(errc::forbidden, "a storage time far ahead of this node's clock");
  return judge_signed(k, resource, d, carried);
}

core::result<identity::certificate> storage_node::judge_signed(const kind& k, const resource_id& resource, const stored_data& d,
                                                               const certificates& carried) const {
  auto signer = signer_of(d, carried);
  if (!signer) return signer;
  if (auto s = check_value(k, resource, d, *signer, trust_, ring_.wall_now()); !s) return core::fail(s.error());
  return signer;
}

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
