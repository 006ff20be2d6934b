// Writes (storage.md, W): the root judges, keeps, replicates and waits for a majority; a replica confirms in its own view.
#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "storage/storage_node.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {

// The ring is looked at anew soon at first; what has not healed after some rounds is asked for less and less often.
constexpr core::duration first_write_pause = 100ms;
constexpr core::duration longest_write_pause = 800ms;
constexpr const char* not_responsible = "not responsible now";

std::vector<item_key> keys_of(const store_request& body) {
  std::vector<item_key> keys;
  for (const auto& k : body.kinds) {
    for (const auto& d : k.values) keys.push_back({body.resource, k.kind, d.value.entry()});
  }
  return keys;
}

// "A store at index 0xffffffff places the new value at the end of the array, regardless of the length of the array."
constexpr std::uint32_t array_end = 0xffffffff;

bool appended(const stored_data& d) { return d.value.model == data_model::array && d.value.index == array_end; }

// Whether what is stored already decides what becomes of it.
bool depends_on_state(const store_request& body) {
  return std::ranges::any_of(body.kinds, [](const auto& kd) { return kd.generation != 0 || std::ranges::any_of(kd.values, appended); });
}

std::vector<kind_id> kinds_of(const store_request& body) {
  std::vector<kind_id> kinds;
  for (const auto& kd : body.kinds) kinds.push_back(kd.kind);
  return kinds;
}

message_contents to_reload(const core::error& e) {
  return make_error(e == errc::quota_exceeded ? error_code::data_too_large : error_code::forbidden, e.message());
}

}  // namespace

core::awaitable<message_contents> storage_node::store(incoming request, request_options o) {
  auto body = store_request::decode(request.contents.body, kinds_);
  if (!body || (body->kinds.empty() && body->unknown.empty())) co_return make_error(error_code::invalid_message, "StoreReq");
  const auto empty = [](const store_kind_data& k) { return k.values.empty(); };
  if (std::ranges::any_of(body->kinds, empty)) co_return make_error(error_code::invalid_message, "a Kind without values");
  if (!body->unknown.empty()) co_return unknown_kinds(body->unknown);
  if (body->replica_number != 0) co_return replica_store_request(request, *body, o);
  co_return co_await original_store(std::move(request), std::move(*body), o);
}

std::optional<message_contents> storage_node::judge_all(const incoming& request, const store_request& body, bool original,
                                                        certificates& signers) const {
  auto carried = request.contents.certificates;
  carried.push_back(request.signer);
  for (const auto& kd : body.kinds) {
    const auto& k = *find_kind(kinds_, kd.kind);
    std::vector<std::string> users;
    for (const auto& d : kd.values) {
      if (original &&
          (judge_.of_a_time_to_come(d) || judge_.too_early({body.resource, kd.kind, d.value.entry()}, d, storage_times::ahead_max_ms)))
        return make_error(error_code::forbidden, "ahead of " + std::to_string(core::unix_milliseconds(ring_.wall_now())));
      auto signer = judge_.judge(k, body.resource, d, carried);
      if (!signer) return to_reload(signer.error());
      const bool permitted = !original || may_write(k, body.resource, d.value, request.signer).has_value();
      if (!permitted) return make_error(error_code::forbidden, "the sender may not write this");
      users.push_back(signer->user());
      signers.push_back(std::move(*signer));
    }
    if (auto room = store_.room_for(body.resource, k, kd.values, users); !room) {
      metrics_.drop("quota_exceeded");
      return to_reload(room.error());
    }
  }
  return std::nullopt;
}

std::optional<message_contents> storage_node::conditions(const store_request& body, const request_options& o) const {
  for (const auto& kd : body.kinds) {
    bool changes = false;
    for (const auto& d : kd.values) {
      const auto* held = store_.find({body.resource, kd.kind, d.value.entry()});
      const auto version = d.version();
      if (held != nullptr && held->version == version) continue;
      changes = true;
      const bool live = held != nullptr && held->data.value.exists && held->lifetime_left(env_.now()) > 0;
      if (o.if_absent && live) return make_error(error_code::data_too_old, "exists");
      if (held != nullptr && judge_.order().older(version, held->version)) return too_old(body.resource, keys_of(body));
    }
    const auto current = store_.generation(body.resource, kd.kind);
    if (!changes || body.replica_number != 0 || kd.generation == 0 || kd.generation == current) continue;
    const store_answer info{.kinds = {{.kind = kd.kind, .generation = current, .replicas = {}}}};
    return make_error(error_code::generation_counter_too_low, core::as_text(info.encode()));
  }
  return std::nullopt;
}

// Gives what is to be appended its index, which its signature does not cover. What is held already (the same signed value,
// stored again because its answer was lost) keeps its place.
void storage_node::place_appended(store_request& body) const {
  for (auto& kd : body.kinds) {
    const auto held = store_.values(body.resource, kd.kind);
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

bool storage_node::take_all(const store_request& body, const certificates& signers) {
  bool changed = false;
  auto signer = signers.begin();
  for (const auto& kd : body.kinds) {
    for (const auto& d : kd.values)
      changed |= store_.put(body.resource, kd.kind, d, *signer++, env_.now(), judge_.order()) == replica_store::outcome::stored;
  }
  return changed;
}

core::awaitable<message_contents> storage_node::original_store(incoming request, store_request body, request_options o) {
  const auto deadline = env_.now() + options_.write_timeout;
  if (!responsible_for(body.resource)) co_return make_error(error_code::request_timeout, not_responsible);
  certificates signers;
  auto placed = body;
  place_appended(placed);
  if (auto refused = judge_all(request, placed, true, signers)) co_return std::move(*refused);
  if (o.if_absent || depends_on_state(body)) {
    auto kinds = kinds_of(body);
    const auto known = co_await learn_state(body.resource, std::move(kinds), deadline);
    if (!known) co_return make_error(error_code::request_timeout, "no quorum to judge the condition by");
  }
  place_appended(body);
  if (auto refused = conditions(body, o)) co_return std::move(*refused);
  if (take_all(body, signers)) {
    for (const auto& kd : body.kinds) store_.raise_generation(body.resource, kd.kind, store_.generation(body.resource, kd.kind) + 1);
  }
  auto keys = keys_of(body);
  co_return co_await replicate(body.resource, std::move(keys), deadline);
}

bool storage_node::responsible_for(const resource_id& resource) const { return ring_.active() && sets_.stand_in(resource) == ring_.self(); }

// What is absent here may be held by others. A root that knows all of its view may be behind all the same: who takes it for dead has
// another node stand in for it, and that one's writes need not have come here yet.
core::awaitable<core::status> storage_node::learn_state(resource_id resource, std::vector<kind_id> kinds, core::time_point deadline) {
  while (true) {  // ends when a quorum was read in the view that still is, or at the deadline
    refresh();
    if (!responsible_for(resource)) co_return core::fail(errc::timed_out, not_responsible);
    const auto view = sets_.view(resource);
    const auto read = co_await quorum_read(resource, kinds, false, deadline);
    if (!read) co_return read;
    refresh();
    if (sets_.view(resource) == view && responsible_for(resource)) co_return core::status();
  }
}

message_contents storage_node::replica_message(const resource_id& resource, const std::vector<item_key>& keys,
                                               std::optional<std::uint64_t> view, std::uint8_t replica_number) const {
  store_request body{.resource = resource, .replica_number = replica_number, .kinds = {}, .unknown = {}};
  message_contents m;
  std::set<identity::sha256_digest> signers{self_->certificate.fingerprint()};
  for (const auto& key : keys) {
    const auto* held = store_.find(key);
    if (held == nullptr) continue;
    auto at = std::ranges::find(body.kinds, key.kind, &store_kind_data::kind);
    if (at == body.kinds.end())
      at = body.kinds.insert(
          at, {.kind = key.kind, .generation = std::max<std::uint64_t>(store_.generation(resource, key.kind), 1), .values = {}});
    at->values.push_back(held->passed_on(env_.now()));
    if (signers.insert(held->signer.fingerprint()).second) m.certificates.push_back(held->signer);
  }
  m.code = code::store_req;
  m.body = body.encode();
  m.extensions = encode(request_options{.view = view, .quorum = false, .if_absent = false});
  return m;
}

core::awaitable<message_contents> storage_node::replicate(resource_id resource, std::vector<item_key> keys, core::time_point deadline) {
  for (auto pause = first_write_pause;;
       pause = std::min(2 * pause, longest_write_pause)) {  // ends decided, with another root, or at the deadline
    const auto round = co_await replicate_once(resource, keys, deadline);
    if (round.next() == write_quorum::step::done) co_return store_answer_for(resource, keys, round.holders());
    if (round.next() == write_quorum::step::superseded) {
      co_await take_newer(*round.newer(), resource, keys, deadline);
      co_return too_old(resource, keys);
    }
    if (round.next() == write_quorum::step::refused) co_return make_error(round.refusal()->code, round.refusal()->info);
    if (env_.now() + pause >= deadline) co_return make_error(error_code::request_timeout, "no majority confirmed in time");
    co_await core::sleep_for(env_, pause);
    refresh();
    // Nobody would confirm it for this node: the writer asks whoever is root now, who judges its conditions anew.
    if (!responsible_for(resource)) co_return make_error(error_code::request_timeout, not_responsible);
  }
}

core::awaitable<write_quorum> storage_node::replicate_once(resource_id resource, std::vector<item_key> keys, core::time_point deadline) {
  refresh();
  write_quorum q(sets_.set(resource), ring_.self());
  const auto targets = q.targets();
  const auto now = env_.now();
  if (late_.empty()) wake();
  const auto number = late_.sent(targets, resource, now);
  const auto until = std::min(deadline, now + 1s);  // then the ring may look different
  auto message = replica_message(resource, keys, sets_.view(resource), 1);
  const auto box = make_arrivals(targets.size());
  ask_each(box, targets, std::move(message), until, resource, number);
  while (q.next() == write_quorum::step::wait) {  // ends when decided or at the deadline
    auto next = co_await box->receive(until);
    if (!next) break;
    q.take(next->from, next->got);
  }
  co_return q;
}

core::awaitable<void> storage_node::take_newer(node_id from, resource_id resource, std::vector<item_key> keys, core::time_point deadline) {
  refresh();
  std::set<kind_id> kinds;
  for (const auto& key : keys) kinds.insert(key.kind);
  auto m = replica_fetch(resource, {kinds.begin(), kinds.end()}, sets_.view(resource));
  const auto got = co_await ring_.request(from, std::move(m), deadline);
  if (got) merge_fetched(resource, got->contents);
}

message_contents storage_node::replica_store_request(const incoming& request, const store_request& body, const request_options& o) {
  const auto from = request.signer.node();
  const auto refuse = [&](std::string_view why) {
    auto m = make_error(error_code::forbidden, why);
    m.extensions.push_back(state_of(body.resource));
    return m;
  };
  if (!sets_.near(body.resource, from)) return refuse("not of the neighbourhood");
  if (!sets_.has(body.resource, ring_.self())) return refuse("view");
  if (std::ranges::any_of(body.kinds, [](const auto& k) { return k.generation == 0; }))
    return make_error(error_code::invalid_message, "generation 0");
  certificates signers;
  if (auto refused = judge_all(request, body, false, signers)) return std::move(*refused);
  if (auto refused = conditions(body, {})) {
    refused->extensions.push_back(state_of(body.resource));
    return std::move(*refused);
  }
  take_all(body, signers);
  for (const auto& kd : body.kinds) store_.raise_generation(body.resource, kd.kind, kd.generation);
  // What is held is held; but only a confirmation in one view counts for the writer.
  if (o.view && *o.view != sets_.view(body.resource)) return refuse("view");
  if (o.view && sets_.root(body.resource) != from && sets_.stand_in(body.resource) != from) return refuse("root");
  return store_answer_for(body.resource, keys_of(body), 0);
}

message_contents storage_node::too_old(const resource_id& resource, const std::vector<item_key>& keys) const {
  std::uint64_t stored = 0;
  for (const auto& key : keys) {
    if (const auto* held = store_.find(key)) stored = std::max(stored, held->version.storage_time);
  }
  auto m = make_error(error_code::data_too_old, "stored " + std::to_string(stored));
  m.extensions.push_back(state_of(resource));
  return m;
}

message_contents storage_node::store_answer_for(const resource_id& resource, const std::vector<item_key>& keys, unsigned holders) const {
  store_answer body;
  for (const auto& key : keys) {
    if (std::ranges::find(body.kinds, key.kind, &store_kind_response::kind) != body.kinds.end()) continue;
    auto& k = body.kinds.emplace_back();
    k.kind = key.kind;
    k.generation = store_.generation(resource, key.kind);
    for (const auto& m : sets_.set(resource)) {
      if (m.node != ring_.self()) k.replicas.push_back(m.node);
    }
  }
  message_contents m;
  m.code = code::store_req + 1;
  m.body = body.encode();
  m.extensions.push_back(state_of(resource, holders));
  return m;
}

}  // namespace phyllo::overlay
