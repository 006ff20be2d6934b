#include "storage_node.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

std::unique_ptr<storage> storage::create(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
                                         identity::trust& trust, surroundings& ring, core::metrics& metrics, core::logger log) {
  return std::make_unique<storage_node>(env, options, std::move(self), trust, ring, metrics, std::move(log));
}

storage_node::storage_node(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
                           identity::trust& trust, surroundings& ring, core::metrics& metrics, core::logger log)
    : env_(env),
      options_(options),
      self_(std::move(self)),
      trust_(trust),
      ring_(ring),
      metrics_(metrics),
      log_(log.of("storage")),
      reads_degraded_(metrics.get_counter("phyllo_reads_degraded_total", "Default reads answered without a quorum")),
      sync_disagreements_(metrics.get_counter("phyllo_sync_disagreements_total", "Comparisons that went on in spite of different views")),
      records_(metrics.get_gauge("phyllo_records", "Values held, tombstones included")),
      store_(known_kinds(), {.values_max = options.records_max, .values_per_owner_max = options.values_per_owner_max}),
      state_(ring.self()),
      tick_(env.make_timer()),
      tasks_(env) {
  tasks_.spawn(sync_loop());
}

core::awaitable<void> storage_node::stop() {
  stopping_ = true;
  alive_.reset();
  tasks_.cancel();
  co_await tasks_.join();
}

void storage_node::refresh() {
  auto known = ring_.members();
  const auto same = [](const member& a, const member& b) {
    return a.node == b.node && a.incarnation == b.incarnation && a.active == b.active && a.suspect == b.suspect;
  };
  if (std::ranges::equal(known, known_, same)) return;
  replica_sets now(ring_.self(), known, ring_.leaf_set_size(), options_.replicas);
  if (ring_.active()) state_.changed(sets_, now);
  known_ = std::move(known);
  sets_ = std::move(now);
  const auto gone = [&](const auto& e) { return sets_.find(e.first) == nullptr; };
  std::erase_if(disagreeing_since_, [&](const auto& e) { return sets_.find(e.first.first) == nullptr; });
  std::erase_if(reconciled_, gone);
  wake();
}

void storage_node::on_members_changed() { refresh(); }

void storage_node::on_activated() {
  refresh();
  state_.activated(sets_);
  wake();
}

void storage_node::on_synced(node_id from, resource_id first, resource_id last, std::uint64_t view) {
  refresh();
  const arc where{first, last};
  if (last < first || sets_.view(where) != view) return;
  state_.synced(from, where);
}

void storage_node::on_unsynced_here(node_id keeper) {
  refresh();
  std::vector<arc> shared;
  for (const auto& a : sets_.arcs_of(ring_.self())) {
    if (sets_.has(a.first, keeper)) shared.push_back(a);
  }
  sync_again(shared);
}

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

bool storage_node::holds(const resource_id& resource, kind_id kind, const stored_data& d) const {
  const auto* held = store_.find({resource, kind, d.value.entry()});
  if (held == nullptr || held->data.storage_time != d.storage_time) return false;
  return held->data.value == d.value && held->data.signature.value == d.signature.value &&
         held->data.signature.identity_value == d.signature.identity_value;
}

core::result<identity::certificate> storage_node::judge(const kind& k, const resource_id& resource, const stored_data& d,
                                                        const certificates& carried) const {
  if (holds(resource, k.id, d)) {  // judged before: what may have changed since is the trust in its signer
    const auto& signer = store_.find({resource, k.id, d.value.entry()})->signer;
    if (auto s = trust_.check(signer, env_.wall_now()); !s) return core::fail(errc::forbidden, s.error().message());
    return signer;
  }
  auto signer = signer_of(d, carried);
  if (!signer) return signer;
  if (auto s = check_value(k, resource, d, *signer, trust_, env_.wall_now()); !s) return core::fail(s.error());
  return signer;
}

extension storage_node::state_of(const resource_id& resource, unsigned holders) const {
  replica_state s;
  s.view = sets_.view(resource);
  s.holders = static_cast<std::uint8_t>(std::min(holders, 255U));
  const auto set = sets_.set(resource);
  for (const auto& m : set) s.members.push_back(m.node);
  s.unsynced = state_.unsynced(set, resource);
  return s.encode();
}

void storage_node::note_state(const node_id& from, const resource_id& resource, const message_contents& m) {
  const auto state = replica_state::of(m);
  if (!state) return;
  const auto now = env_.now();
  if (state->view != sets_.view(resource)) {
    auto& last = reconciled_[from];
    if (last + 200ms > now && last != core::time_point{}) return;
    last = now;
    ring_.reconcile(from);
    return;
  }
  if (confirmed_.size() > 4096) std::erase_if(confirmed_, [&](const auto& e) { return e.second + options_.confirmed_for < now; });
  confirmed_[{from, state->view}] = now;
  if (std::ranges::find(state->unsynced, ring_.self()) == state->unsynced.end() || !state_.synced_here(resource)) return;
  for (const auto& a : sets_.arcs_of(ring_.self())) {
    if (a.contains(resource)) sync_again({a});
  }
}

storage_node::arrivals storage_node::ask_each(const std::vector<node_id>& nodes, message_contents m, core::time_point deadline,
                                              const resource_id& resource) {
  auto box = std::make_shared<core::mailbox<arrival>>(env_, nodes.size() + 1);
  if (nodes.empty()) {
    box->close();
    return box;
  }
  const auto handler = [this, box, resource, alive = std::weak_ptr(alive_)](node_id from, core::result<answer> got) {
    if (alive.expired()) return;
    if (got) {
      note_state(from, resource, got->contents);
      const auto late = lagging_.find(from);
      if (got->contents.code == code::store_req + 1 && late != lagging_.end()) late->second.erase(resource);
    }
    box->push({from, std::move(got)});
  };
  ring_.request_each(nodes, std::move(m), deadline, handler);
  return box;
}

core::awaitable<message_contents> storage_node::handle(incoming request) {
  refresh();
  const auto options = decode(request.contents.extensions);
  if (!options) co_return make_error(options.error());
  const auto o = *options;
  switch (request.contents.code) {
    case code::store_req: co_return co_await store(std::move(request), o);
    case code::fetch_req: co_return co_await fetch(std::move(request), o);
    case code::find_req: co_return find(request);
    case code::stat_req: break;
    default: co_return make_error(error_code::invalid_message, "not a method of storage");
  }
  const auto body = fetch_request::decode(request.contents.body, known_kinds());
  if (!body) co_return make_error(error_code::invalid_message, "StatReq");
  co_return stat(*body);
}

namespace {

// Error_Unknown_Kind: error_info is KindId unknown_kinds<0..2^8-1>.
message_contents unknown_kinds(const std::vector<kind_id>& kinds) {
  core::bytes info;
  core::wire_writer w(info);
  const auto m = w.open(1);
  for (std::size_t i = 0; i < kinds.size() && i < 63; ++i) w.u32(kinds[i]);
  w.close(m);
  return make_error(error_code::unknown_kind, core::as_text(info));
}

}  // namespace

message_contents storage_node::stat(const fetch_request& request) const {
  if (!request.unknown.empty()) return unknown_kinds(request.unknown);
  stat_answer out;
  for (const auto& s : request.specifiers) {
    stat_kind_response k{.kind = s.kind, .generation = store_.generation(request.resource, s.kind), .values = {}};
    if (s.generation == 0 || s.generation != k.generation) {
      for (const auto* v : store_.values(request.resource, s.kind)) {
        if (asks_for(s, v->data.value)) k.values.push_back(stored_metadata::of(v->data, v->lifetime_left(env_.now())));
      }
    }
    out.kinds.push_back(std::move(k));
  }
  message_contents m;
  m.code = code::stat_req + 1;
  m.body = out.encode();
  m.extensions.push_back(state_of(request.resource));
  return m;
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

message_contents storage_node::local_values(const fetch_request& request) const {
  if (!request.unknown.empty()) return unknown_kinds(request.unknown);
  fetch_answer out;
  message_contents m;
  m.code = code::fetch_req + 1;
  std::set<identity::sha256_digest> signers{self_->certificate.fingerprint()};
  for (const auto& s : request.specifiers) {
    fetch_kind_response k{.kind = s.kind, .generation = store_.generation(request.resource, s.kind), .values = {}};
    const bool unchanged = s.generation != 0 && s.generation == k.generation;
    for (const auto* v : store_.values(request.resource, s.kind)) {
      if (unchanged || v->lifetime_left(env_.now()) == 0 || !asks_for(s, v->data.value)) continue;
      k.values.push_back(v->passed_on(env_.now()));
      if (signers.insert(v->signer.fingerprint()).second) m.certificates.push_back(v->signer);
    }
    for (const auto& key : s.keys) {
      const auto given = [&](const stored_data& d) { return d.value.key == key; };
      if (!unchanged && std::ranges::none_of(k.values, given)) k.values.push_back(nonexistent(data_model::dictionary, key));
    }
    out.kinds.push_back(std::move(k));
  }
  m.body = out.encode();
  m.extensions.push_back(state_of(request.resource));
  return m;
}

storage_counts storage_node::counts() const {
  storage_counts c;
  const auto self = ring_.self();
  std::set<resource_id> lagging;
  for (const auto& [node, resources] : lagging_) {
    for (const auto& [resource, since] : resources) lagging.insert(resource);
  }
  const auto live = [&](const resource_id& resource) { return store_.live(resource); };
  c.records = static_cast<std::uint64_t>(std::ranges::count_if(store_.resources(whole_ring()), live));
  for (const auto& share : sets_.arcs_of(self)) {
    const auto set = sets_.set(share.first);
    for (const auto& resource : store_.resources(share)) {
      if (!live(resource)) continue;
      if (sets_.root(resource) != self) {
        ++c.replicas;
        continue;
      }
      ++c.primary;
      c.under_replicated += state_.unsynced(set, resource).empty() && !lagging.contains(resource) ? 0 : 1;
    }
  }
  return c;
}

}  // namespace phyllo::overlay
