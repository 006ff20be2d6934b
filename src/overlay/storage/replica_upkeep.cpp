#include "storage/replica_upkeep.hpp"

#include <algorithm>

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr auto reminder_every = 1s;
constexpr auto offer_again_after = 5s;
constexpr std::size_t repaired_at_once = 400;  // values to one node
}  // namespace

void replica_upkeep::begin() {
  next_compare_ = env_.now() + options_.compare_every;
  next_sweep_ = env_.now() + options_.sweep_every;
}

core::time_point replica_upkeep::next_due() const { return std::min({next_compare_, next_sweep_, displaced_.next_offer()}); }

core::awaitable<void> replica_upkeep::run_due() {
  if (env_.now() >= next_compare_) co_await compare_periodically();
  if (env_.now() >= displaced_.next_offer()) co_await offer_displaced();
  if (env_.now() >= next_sweep_) co_await drop_displaced();
}

void replica_upkeep::remind() {
  if (env_.now() < next_reminder_) return;
  next_reminder_ = env_.now() + reminder_every;
  const auto due = reminders_.due(share_.state().to_remind(), env_.now());
  for (const auto& node : due.remind) {
    reminded_.add();
    ring_.remind_unsynced(node);
  }
  for (const auto& node : due.given_up) {
    metrics_.drop("sync_reminders_given_up");
    log_.warning("{} stays unsynced here whatever it is told: it may reckon its share of the ring in another way", node.hex());
  }
}

core::awaitable<void> replica_upkeep::repair_late() {
  share_.late().keep([&](const node_id& node, const resource_id& resource) {
    const bool gone = share_.store().resources({resource, resource}).empty();  // it has expired meanwhile
    return !gone && share_.sets().has(resource, node);
  });
  std::map<node_id, std::vector<item_key>> pushed;
  for (const auto& node : share_.late().nodes()) {
    const auto* m = share_.sets().find(node);
    if (m == nullptr || m->suspect) continue;
    std::vector<item_key> keys;
    share_.late().each_due(node, env_.now(), [&](const resource_id& resource) {
      for (const auto& k : share_.kinds()) {
        for (const auto* v : share_.store().values(resource, k.id)) keys.push_back({resource, k.id, v->data.value.entry()});
      }
      return keys.size() < repaired_at_once;
    });
    if (!keys.empty()) pushed.emplace(node, std::move(keys));
  }
  for (auto& [node, keys] : pushed) {
    const sync_job job{.where = whole_ring(), .view = 0, .push = true, .pull = false};
    co_await exchange_.push_values(node, job, std::move(keys));
  }
}

core::awaitable<void> replica_upkeep::compare_periodically() {
  next_compare_ = env_.now() + core::random_between(env_, options_.compare_every * 3 / 4, options_.compare_every * 5 / 4);
  const auto self = ring_.self();
  auto round = std::make_shared<sync_round>();
  for (const auto& share : share_.sets().arcs_of(self)) {
    auto set = share_.sets().set(share.first);
    std::erase_if(set, [&](const member& m) { return m.node == self || m.suspect; });
    if (set.empty()) continue;
    const auto& chosen = set[core::random_u64(env_) % set.size()].node;
    round->plan[chosen].push_back(round->jobs.size());
    round->jobs.push_back({.where = share, .view = share_.sets().view(share.first), .push = true, .pull = true});
  }
  if (!round->jobs.empty()) co_await rounds_.run(round, core::time_point::max());
}

// Those who hold the newest of a small side of a partition may be none of the neighbourhood when it has healed, and nobody would ask them.
core::awaitable<void> replica_upkeep::offer_displaced() {
  displaced_.offered();
  const auto self = ring_.self();
  auto round = std::make_shared<sync_round>();
  for (const auto& a : share_.sets().arcs()) {
    if (share_.sets().has(a.first, self) || share_.store().resources(a).empty()) continue;
    for (const auto& m : share_.sets().set(a.first)) {
      if (!m.suspect) round->plan[m.node].push_back(round->jobs.size());
    }
    round->jobs.push_back({.where = a, .view = 0, .push = true, .pull = false});
  }
  if (round->jobs.empty()) co_return;
  co_await rounds_.run(round, core::time_point::max());
  std::size_t heard = 0;
  std::size_t asked = 0;
  for (const auto& [partner, jobs] : round->plan) asked += jobs.size();
  for (const auto& partners : round->agreed) heard += partners.size();
  if (heard < asked) displaced_.offer_by(env_.now() + offer_again_after);
}

core::awaitable<void> replica_upkeep::drop_displaced() {
  next_sweep_ = env_.now() + options_.sweep_every;
  auto due = displaced_.due(share_.sets(), share_.store(), share_.kinds(), ring_.self(), env_.now());
  for (auto& [root, keys] : due) {
    // Those who are responsible now get them once more before they go here.
    const auto copies = keys;
    const sync_job job{.where = whole_ring(), .view = 0, .push = true, .pull = false};
    const bool given = co_await exchange_.push_values(root, job, std::move(keys));
    if (!given) continue;
    for (const auto& key : copies) {
      share_.store().erase(key.resource);
      displaced_.gone(key.resource);
    }
  }
}

core::awaitable<void> replica_upkeep::hand_over(core::time_point deadline) {
  share_.refresh();
  const auto self = ring_.self();
  auto without = ring_.members();
  for (auto& m : without) m.active = m.active && m.node != self;
  const replica_sets after(self, without, ring_.leaf_set_size(), options_.replicas);
  auto round = std::make_shared<sync_round>();
  for (const auto& [node, where] : newcomers(share_.sets(), after)) {
    if (!share_.sets().has(where.first, self)) continue;
    round->plan[node].push_back(round->jobs.size());
    round->jobs.push_back({.where = where, .view = 0, .push = true, .pull = false});
  }
  if (round->jobs.empty() || env_.now() >= deadline) co_return;
  co_await rounds_.run(round, deadline);
}
}  // namespace phyllo::overlay
