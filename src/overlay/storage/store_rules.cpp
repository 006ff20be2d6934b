#include "storage/store_rules.hpp"

#include <algorithm>

#include "kinds/access_policy.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"
#include "storage/local_answers.hpp"
#include "storage/storage_times.hpp"

namespace phyllo::overlay {
namespace {

// "A store at index 0xffffffff places the new value at the end of the array, regardless of the length of the array."
constexpr std::uint32_t array_end = 0xffffffff;

bool appended(const stored_data& d) { return d.value.model == data_model::array && d.value.index == array_end; }

message_contents to_reload(const core::error& e) {
  return make_error(e == errc::quota_exceeded ? error_code::data_too_large : error_code::forbidden, e.message());
}

}  // namespace

std::expected<store_request, message_contents> store_rules::read(core::byte_view body, kind_table kinds) {
  auto out = store_request::decode(body, kinds);
  if (!out || (out->kinds.empty() && out->unknown.empty())) return std::unexpected(make_error(error_code::invalid_message, "StoreReq"));
  for (const auto& k : out->kinds) {
    if (k.values.empty()) return std::unexpected(make_error(error_code::invalid_message, "a Kind without values"));
  }
  if (!out->unknown.empty()) return std::unexpected(local_answers::unknown_kinds(out->unknown));
  return std::move(*out);
}

std::vector<item_key> store_rules::keys_of(const store_request& body) {
  std::vector<item_key> keys;
  for (const auto& k : body.kinds) {
    for (const auto& d : k.values) keys.push_back({body.resource, k.kind, d.value.entry()});
  }
  return keys;
}

bool store_rules::depends_on_state(const store_request& body) {
  return std::ranges::any_of(body.kinds, [](const auto& kd) { return kd.generation != 0 || std::ranges::any_of(kd.values, appended); });
}

std::optional<message_contents> store_rules::judge_original(const incoming& request, const store_request& body,
                                                            certificates& signers) const {
  if (!responsible(body.resource)) return make_error(error_code::request_timeout, not_responsible);
  auto placed = body;
  place_appended(placed);
  return judge_all(request, placed, true, signers);
}

std::optional<message_contents> store_rules::judge_all(const incoming& request, const store_request& body, bool original,
                                                       certificates& signers) const {
  auto carried = request.contents.certificates;
  carried.push_back(request.signer);
  const bool own = original && !request.link_peer;
  for (const auto& kd : body.kinds) {
    const auto& k = *find_kind(held_.kinds(), kd.kind);
    std::vector<std::string> users;
    for (const auto& d : kd.values) {
      if (original &&
          (judge_.of_a_time_to_come(d) || judge_.too_early({body.resource, kd.kind, d.value.entry()}, d, storage_times::ahead_max_ms)))
        return make_error(error_code::forbidden, "ahead of " + std::to_string(core::unix_milliseconds(ring_.wall_now())));
      auto signer = own ? judge_.judge_own(k, body.resource, d, carried) : judge_.judge(k, body.resource, d, carried);
      if (!signer) return to_reload(signer.error());
      // The policy asks of a sender what it asks of a signer, who has just been judged, unless the value is held already.
      const bool judged_now = *signer == request.signer && judge_.held(body.resource, kd.kind, d) == nullptr;
      const bool permitted = !original || judged_now || may_write(k, body.resource, d.value, request.signer).has_value();
      if (!permitted) return make_error(error_code::forbidden, "the sender may not write this");
      users.push_back(signer->user());
      signers.push_back(std::move(*signer));
    }
    if (auto room = held_.store().room_for(body.resource, k, kd.values, users); !room) {
      metrics_.drop("quota_exceeded");
      return to_reload(room.error());
    }
  }
  return std::nullopt;
}

std::optional<message_contents> store_rules::conditions(const store_request& body, const request_options& o) const {
  for (const auto& kd : body.kinds) {
    if (find_kind(held_.kinds(), kd.kind) == nullptr) return local_answers::unknown_kinds({kd.kind});
    bool changes = false;
    for (const auto& d : kd.values) {
      const auto* held = held_.store().find({body.resource, kd.kind, d.value.entry()});
      const auto version = d.version();
      if (held != nullptr && held->version == version) continue;
      changes = true;
      const bool live = held != nullptr && held->data.value.exists && held->lifetime_left(env_.now()) > 0;
      if (o.if_absent && live) return make_error(error_code::data_too_old, "exists");
      if (held != nullptr && judge_.order().older(version, held->version)) return too_old(body.resource, keys_of(body));
    }
    const auto current = held_.store().generation(body.resource, kd.kind);
    if (!changes || body.replica_number != 0 || kd.generation == 0 || kd.generation == current) continue;
    const store_answer info{.kinds = {{.kind = kd.kind, .generation = current, .replicas = {}}}};
    return make_error(error_code::generation_counter_too_low, core::as_text(info.encode()));
  }
  return std::nullopt;
}

// Gives what is to be appended its index, which its signature does not cover. What is held already (the same signed value,
// stored again because its answer was lost) keeps its place.
void store_rules::place_appended(store_request& body) const {
  for (auto& kd : body.kinds) {
    const auto held = held_.store().values(body.resource, kd.kind);
    std::uint32_t next = 0;
    for (const auto* v : held) next = std::max(next, v->data.value.index + 1);
    for (const auto& d : kd.values) {
      if (d.value.model == data_model::array && !appended(d)) next = std::max(next, d.value.index + 1);
    }
    for (auto& d : kd.values) {
      if (!appended(d)) continue;
      const auto same = [&](const held_value* v) {
        return v->data.storage_time == d.storage_time && v->data.signature.value == d.signature.value;
      };
      const auto at = std::ranges::find_if(held, same);
      d.value.index = at != held.end() ? (*at)->data.value.index : next++;
    }
  }
}

bool store_rules::take_all(const store_request& body, const certificates& signers) {
  bool changed = false;
  auto signer = signers.begin();
  for (const auto& kd : body.kinds) {
    for (const auto& d : kd.values)
      changed |= held_.store().put(body.resource, kd.kind, d, *signer++, env_.now(), judge_.order()) == replica_store::outcome::stored;
  }
  return changed;
}

void store_rules::take_original(const store_request& body, const certificates& signers) {
  if (!take_all(body, signers)) return;
  auto& store = held_.store();
  for (const auto& kd : body.kinds) store.raise_generation(body.resource, kd.kind, store.generation(body.resource, kd.kind) + 1);
}

void store_rules::take_copy(const store_request& body, const certificates& signers) {
  take_all(body, signers);
  for (const auto& kd : body.kinds) held_.store().raise_generation(body.resource, kd.kind, kd.generation);
}

message_contents store_rules::too_old(const resource_id& resource, const std::vector<item_key>& keys) const {
  std::uint64_t stored = 0;
  for (const auto& key : keys) {
    if (const auto* held = held_.store().find(key)) stored = std::max(stored, held->version.storage_time);
  }
  auto m = make_error(error_code::data_too_old, "stored " + std::to_string(stored));
  if (auto state = held_.state_of(resource)) m.extensions.push_back(std::move(*state));
  return m;
}

message_contents store_rules::answer_for(const resource_id& resource, const std::vector<item_key>& keys, unsigned holders) const {
  store_answer body;
  for (const auto& key : keys) {
    if (std::ranges::find(body.kinds, key.kind, &store_kind_response::kind) != body.kinds.end()) continue;
    auto& k = body.kinds.emplace_back();
    k.kind = key.kind;
    k.generation = held_.store().generation(resource, key.kind);
    k.replicas = held_.other_holders(resource);
  }
  message_contents m;
  m.code = code::store_req + 1;
  m.body = body.encode();
  if (auto state = held_.state_of(resource, holders)) m.extensions.push_back(std::move(*state));
  return m;
}

}  // namespace phyllo::overlay
