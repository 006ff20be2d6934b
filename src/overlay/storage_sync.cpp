// Sync (storage.md, S): an entrant compares its arcs with the neighbourhood and exchanges what differs, many values a
// message; reminders, repair of writes that a replica did not confirm, anti-entropy, hand-over.
#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "storage_node.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr auto tick_busy = 250ms;
constexpr auto tick_idle = 5s;
constexpr auto request_max = 3s;
constexpr auto reminder_every = 1s;
constexpr auto sweep_every = 60s;
constexpr auto partition_after = 10s;  // of disagreement: data flow, and the partner is waited for no longer
constexpr std::size_t keys_of_one_request = 200;
}  // namespace

// One pass over some arcs with all their partners at once.
struct storage_node::sync_round {
  std::vector<sync_job> jobs;
  std::map<node_id, std::vector<std::size_t>> plan;  // which jobs with whom
  std::vector<std::map<node_id, bool>> agreed;       // by job: who answered, and in the same view throughout
  std::size_t open = 0;
  std::unique_ptr<core::timer> finished;
};

core::awaitable<void> storage_node::sync_loop() {
  next_compare_ = env_.now() + options_.compare_every;
  next_sweep_ = env_.now() + sweep_every;
  while (!stopping_) {  // ends by cancellation at stop()
    if (!woken_) {
      tick_->set(next_tick());
      co_await tick_->wait();
    }
    woken_ = false;
    if (state_.here().empty()) disagreeing_since_.clear();  // what was is no part of the next disagreement
    store_.expire(env_.now());
    records_.set(static_cast<double>(store_.size()));
    refresh();
    if (!ring_.active()) continue;
    co_await sync_own();
    remind();
    co_await repair_lagging();
    if (env_.now() >= next_compare_) co_await compare_periodically();
    if (env_.now() >= next_sweep_) co_await drop_displaced();
  }
}

core::time_point storage_node::next_tick() const {
  const bool busy = !state_.here().empty() || !lagging_.empty() || !state_.to_remind().empty();
  auto when = env_.now() + tick_idle;
  if (busy) when = env_.now() + tick_busy;
  when = std::min({when, next_compare_, next_sweep_});
  return std::max(std::min(when, store_.next_expiry().value_or(when)), env_.now() + 10ms);
}

void storage_node::wake() {
  woken_ = true;
  tick_->cancel();
}

core::awaitable<void> storage_node::sync_own() {
  if (state_.here().empty()) co_return;
  const auto self = ring_.self();
  auto round = std::make_shared<sync_round>();
  for (const auto& share : sets_.arcs_of(self)) {
    for (const auto& part : state_.here().within(share)) {
      const auto index = round->jobs.size();
      round->jobs.push_back({.where = part, .view = sets_.view(part.first), .push = true, .pull = true});
      for (const auto& end : {part.first, part.last}) {
        for (const auto& m : sets_.neighbourhood(end)) {
          auto& jobs = round->plan[m.node];
          if (m.node != self && (jobs.empty() || jobs.back() != index)) jobs.push_back(index);
        }
      }
    }
  }
  round->plan.erase(self);
  co_await run_round(round, core::time_point::max());
  refresh();
  for (std::size_t i = 0; i < round->jobs.size(); ++i) judge_arc(round->jobs[i].where, round->jobs[i].view, round->agreed[i]);
  // What this node has no certain share in any more needs no syncing; a node alone has nobody to sync with.
  arc_set foreign;
  foreign.add(whole_ring());
  for (const auto& share : sets_.arcs_of(self)) foreign.subtract(share);
  for (const auto& a : foreign.arcs()) state_.synced_here(a);
  if (sets_.size() < 2) state_.synced_here(whole_ring());
}

core::awaitable<void> storage_node::run_round(std::shared_ptr<sync_round> round, core::time_point deadline) {
  round->agreed.resize(round->jobs.size());
  round->finished = env_.make_timer();
  round->open = round->plan.size();
  for (const auto& [partner, jobs] : round->plan) tasks_.spawn(sync_with(partner, jobs, round));
  while (round->open > 0 && env_.now() < deadline) {  // each partner's part is bounded by its requests' deadlines, too
    round->finished->set(deadline);
    co_await round->finished->wait();
  }
}

core::awaitable<void> storage_node::sync_with(node_id partner, std::vector<std::size_t> jobs, std::shared_ptr<sync_round> round) {
  for (const auto index : jobs) {
    auto job = round->jobs[index];
    job.push = job.push && (job.view == 0 || sets_.has(job.where.first, partner));
    const auto end = co_await sync_arc(partner, job);
    if (end == sync_end::silent) break;  // the other arcs are not tried
    round->agreed[index][partner] = end == sync_end::agreed;
  }
  if (--round->open == 0) round->finished->cancel();
}

void storage_node::judge_arc(const arc& where, std::uint64_t view, const std::map<node_id, bool>& agreed) {
  if (sets_.view(where) != view) return;  // the ring has changed meanwhile: again
  for (const auto& end : {where.first, where.last}) {
    for (const auto& m : sets_.neighbourhood(end)) {
      if (m.node == ring_.self()) continue;
      const auto at = agreed.find(m.node);
      if (at == agreed.end()) return;
      if (at->second) continue;
      const auto since = disagreeing_since_.find({m.node, where.first});
      if (since == disagreeing_since_.end() || env_.now() < since->second + partition_after) return;
      sync_disagreements_.add();
    }
  }
  state_.synced_here(where);
  ring_.announce_synced(where.first, where.last, view);
}

core::awaitable<core::result<sync_answer>> storage_node::ask_sync(node_id partner, sync_request s) {
  const auto got = co_await ring_.sync(partner, s.encode(), env_.now() + request_max);
  if (!got) co_return core::fail(got.error());
  auto a = sync_answer::decode(*got);
  if (!a) co_return core::fail(errc::invalid_message, "SyncAns");
  co_return std::move(*a);
}

core::awaitable<storage_node::sync_end> storage_node::sync_arc(node_id partner, sync_job job) {
  std::vector<arc> open{job.where};
  difference d;
  bool same_view = true;
  while (!open.empty()) {  // each step narrows an arc or ends it
    sync_request s{.where = open.back(), .view = job.view, .ask = sync_ask::compare, .content = {}};
    open.pop_back();
    core::append(s.content, arc_digest(store_, s.where));
    const auto where = s.where;
    const auto a = co_await ask_sync(partner, std::move(s));
    if (!a) co_return sync_end::silent;
    if (a->kind == sync_reply::stranger) same_view = false;
    same_view = same_view && (a->view == job.view || job.view == 0);
    if (a->kind == sync_reply::children) {
      const auto digests = decode_digests(a->content);
      const auto parts = split(where);
      if (!digests || digests->size() != parts.size() || parts.size() < 2) co_return sync_end::silent;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (arc_digest(store_, parts[i]) != (*digests)[i]) open.push_back(parts[i]);
      }
    } else if (a->kind == sync_reply::items) {
      const auto items = decode_items(a->content);
      if (!items) co_return sync_end::silent;
      auto found = compare(store_, where, *items);
      std::ranges::move(found.wanted, std::back_inserter(d.wanted));
      std::ranges::move(found.offered, std::back_inserter(d.offered));
    }
  }
  if (same_view) {
    disagreeing_since_.erase({partner, job.where.first});
  } else {
    disagreeing_since_.emplace(std::pair(partner, job.where.first), env_.now());
    ring_.reconcile(partner);
  }
  if (job.pull) co_await pull_values(partner, job, std::move(d.wanted));
  if (job.push) co_await push_values(partner, job, std::move(d.offered));
  co_return same_view ? sync_end::agreed : sync_end::disagreed;
}

core::awaitable<void> storage_node::pull_values(node_id partner, sync_job job, std::vector<item_key> wanted) {
  while (!wanted.empty()) {  // each answer takes some away, or it ends
    const auto count = std::min(wanted.size(), keys_of_one_request);
    const std::vector<item_key> part(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(count));
    sync_request s{.where = job.where, .view = job.view, .ask = sync_ask::fetch, .content = encode_keys(part)};
    const auto a = co_await ask_sync(partner, std::move(s));
    if (!a || a->kind != sync_reply::values) co_return;
    const auto values = sync_values::decode(a->content, known_kinds());
    if (!values || values->values.empty()) co_return;
    take_values(*values);
    std::set<item_key> given;
    for (const auto& v : values->values) given.insert({v.resource, v.kind, v.data.value.entry()});
    const auto before = wanted.size();
    std::erase_if(wanted, [&](const item_key& k) { return given.contains(k); });
    if (wanted.size() == before) co_return;
  }
}

core::awaitable<bool> storage_node::push_values(node_id partner, sync_job job, std::vector<item_key> offered) {
  while (!offered.empty()) {  // take_batch takes at least one
    const auto batch = take_batch(store_, offered, env_.now());
    if (batch.values.empty()) continue;
    sync_request s{.where = job.where, .view = job.view, .ask = sync_ask::store, .content = batch.encode()};
    const auto a = co_await ask_sync(partner, std::move(s));
    if (!a || a->kind != sync_reply::taken) co_return false;
    const auto late = lagging_.find(partner);
    if (late == lagging_.end()) continue;
    for (const auto& v : batch.values) late->second.erase(v.resource);
  }
  co_return true;
}

void storage_node::take_values(const sync_values& v) {
  for (const auto& value : v.values) {
    const auto& k = *find_kind(known_kinds(), value.kind);
    const auto signer = judge(k, value.resource, value.data, v.certificates);
    const bool fits = signer && store_.room_for(value.resource, k, {value.data}, signer->user());
    if (!fits) {
      metrics_.drop("value_refused");
      continue;
    }
    store_.put(value.resource, value.kind, value.data, *signer, env_.now());
    store_.raise_generation(value.resource, value.kind, value.generation);
  }
}

core::awaitable<core::bytes> storage_node::handle_sync(node_id from, core::bytes sync) {
  refresh();
  const auto request = sync_request::decode(sync);
  sync_answer refused;
  refused.kind = sync_reply::stranger;
  if (!request || std::ranges::find(known_, from, &member::node) == known_.end()) {
    metrics_.drop("sync_refused");
    co_return refused.encode();
  }
  co_return answer_sync(from, *request).encode();
}

sync_answer storage_node::answer_sync(const node_id& from, const sync_request& s) {
  sync_answer a;
  a.view = sets_.view(s.where).value_or(0);
  if (s.ask == sync_ask::fetch) {
    auto keys = decode_keys(s.content).value_or(std::vector<item_key>{});
    a.kind = sync_reply::values;
    a.content = take_batch(store_, keys, env_.now()).encode();
    return a;
  }
  if (s.ask == sync_ask::store) {
    a.kind = sync_reply::taken;
    if (const auto values = sync_values::decode(s.content, known_kinds())) take_values(*values);
    return a;
  }
  if (a.view == s.view) {
    state_.answered(from, s.where);
  } else {
    auto& last = reconciled_[from];
    if (last == core::time_point{} || last + reminder_every < env_.now()) {
      last = env_.now();
      ring_.reconcile(from);
    }
  }
  const auto digest = arc_digest(store_, s.where);
  if (std::ranges::equal(digest, s.content)) return a;
  const auto parts = split(s.where);
  auto content = encode_items(list_items(store_, s.where, sync_bytes_max));
  if (content.size() <= sync_bytes_max || parts.size() < 2) {
    a.kind = sync_reply::items;
    a.content = std::move(content);
    return a;
  }
  std::vector<item_digest> digests;
  for (const auto& part : parts) digests.push_back(arc_digest(store_, part));
  a.kind = sync_reply::children;
  a.content = encode_digests(digests);
  return a;
}

void storage_node::sync_again(const std::vector<arc>& where) {
  if (where.empty()) return;
  state_.sync_again(where);
  wake();
}

void storage_node::remind() {
  if (env_.now() < next_reminder_) return;
  next_reminder_ = env_.now() + reminder_every;
  for (const auto& node : state_.to_remind()) ring_.remind_unsynced(node);
}

core::awaitable<void> storage_node::repair_lagging() {
  std::map<node_id, std::vector<item_key>> todo;
  for (auto& [node, resources] : lagging_) {
    const auto* m = sets_.find(node);
    std::erase_if(resources, [&](const auto& r) { return m == nullptr || !sets_.has(r.first, node); });
    if (m == nullptr || m->suspect) continue;
    for (auto& [resource, since] : resources) {
      if (since + 1s > env_.now() || todo[node].size() >= 2 * keys_of_one_request) continue;
      since = env_.now();
      for (const auto& k : known_kinds()) {
        for (const auto* v : store_.values(resource, k.id)) todo[node].push_back({resource, k.id, v->data.value.entry()});
      }
    }
  }
  std::erase_if(lagging_, [](const auto& e) { return e.second.empty(); });
  for (auto& [node, keys] : todo) {
    const sync_job job{.where = whole_ring(), .view = 0, .push = true, .pull = false};
    co_await push_values(node, job, std::move(keys));
  }
}

core::awaitable<void> storage_node::compare_periodically() {
  next_compare_ = env_.now() + core::random_between(env_, options_.compare_every * 3 / 4, options_.compare_every * 5 / 4);
  const auto self = ring_.self();
  auto round = std::make_shared<sync_round>();
  for (const auto& share : sets_.arcs_of(self)) {
    auto set = sets_.set(share.first);
    std::erase_if(set, [&](const member& m) { return m.node == self || m.suspect; });
    if (set.empty()) continue;
    const auto& chosen = set[core::random_u64(env_) % set.size()].node;
    round->plan[chosen].push_back(round->jobs.size());
    round->jobs.push_back({.where = share, .view = sets_.view(share.first), .push = true, .pull = true});
  }
  if (!round->jobs.empty()) co_await run_round(round, core::time_point::max());
}

core::awaitable<void> storage_node::drop_displaced() {
  next_sweep_ = env_.now() + sweep_every;
  const auto own = sets_.arcs_of(ring_.self());
  arc_set mine;
  for (const auto& a : own) mine.add(a);
  std::erase_if(displaced_, [&](const auto& e) { return mine.contains(e.first); });
  std::map<node_id, std::vector<item_key>> due;
  for (const auto& resource : store_.resources(whole_ring())) {
    if (mine.contains(resource)) continue;
    const auto since = displaced_.emplace(resource, env_.now()).first->second;
    if (since + options_.keep_displaced > env_.now()) continue;
    const auto root = sets_.root(resource);
    for (const auto& k : known_kinds()) {
      for (const auto* v : store_.values(resource, k.id)) due[*root].push_back({resource, k.id, v->data.value.entry()});
    }
  }
  for (auto& [root, keys] : due) {
    // Those who are responsible now get them once more before they go here.
    const auto copies = keys;
    const sync_job job{.where = whole_ring(), .view = 0, .push = true, .pull = false};
    const bool given = co_await push_values(root, job, std::move(keys));
    if (!given) continue;
    for (const auto& key : copies) {
      store_.erase(key.resource);
      displaced_.erase(key.resource);
    }
  }
}

core::awaitable<void> storage_node::hand_over(core::time_point deadline) {
  refresh();
  const auto self = ring_.self();
  auto without = ring_.members();
  for (auto& m : without) m.active = m.active && m.node != self;
  const replica_sets after(self, without, ring_.leaf_set_size(), options_.replicas);
  auto round = std::make_shared<sync_round>();
  for (const auto& [node, where] : newcomers(sets_, after)) {
    if (!sets_.has(where.first, self)) continue;
    round->plan[node].push_back(round->jobs.size());
    round->jobs.push_back({.where = where, .view = 0, .push = true, .pull = false});
  }
  if (round->jobs.empty() || env_.now() >= deadline) co_return;
  co_await run_round(round, deadline);
}

}  // namespace phyllo::overlay
