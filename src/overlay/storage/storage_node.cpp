#include "storage/storage_node.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr auto read_on = 5s;  // of its file, by who is stopped while he reads
// Of the ring's last change: until then it may change again; and all that have seen it would offer at once.
constexpr auto offer_after = 2s, offer_before = 12s;
}  // namespace

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
      numbers_(metrics),
      kinds_(options.kinds.empty() ? std::vector<kind>(known_kinds().begin(), known_kinds().end()) : options.kinds),
      watches_({.watches_max = options.watches_max, .watches_per_node_max = options.watches_per_node_max}),
      store_(known_kinds(), {.values_max = options.records_max,
                             .bytes_max = options.bytes_max,
                             .values_per_owner_max = options.values_per_owner_max,
                             .values_per_domain_max = options.values_per_domain_max}),
      judge_(self_, trust, ring, &store_),
      client_(env, self_, ring, judge_, kinds_, metrics),
      state_(ring.self()),
      tick_(env.make_timer()),
      tasks_(env),
      reader_(env) {
  store_.on_change([this](const resource_id& resource) {
    watches_.changed(resource);
    if (options_.file != nullptr) changed_.insert(resource);
  });
  tasks_.spawn(sync_loop());
}

core::awaitable<void> storage_node::stop() {
  stopping_ = true;
  client_.stop();
  alive_.reset();
  watches_.wake_all();
  tasks_.cancel();
  co_await tasks_.join();
  read_until_ = env_.now() + read_on;
  co_await reader_.join();
}

void storage_node::refresh() {
  auto known = ring_.members();
  const auto same_node = [](const member& a, const member& b) {
    return a.node == b.node && a.incarnation == b.incarnation && a.active == b.active;
  };
  const auto same = [&](const member& a, const member& b) { return same_node(a, b) && a.suspect == b.suspect; };
  if (std::ranges::equal(known, known_, same)) return;
  replica_sets now(ring_.self(), known, ring_.leaf_set_size(), options_.replicas);
  // Suspects come and go with every lost message, and are members all the while.
  if (ring_.active() && !std::ranges::equal(known, known_, same_node)) {
    state_.changed(sets_, now);
    next_offer_ = env_.now() + core::random_between(env_, offer_after, offer_before);
  }
  known_ = std::move(known);
  sets_ = std::move(now);
  const auto gone = [&](const auto& e) { return sets_.find(e.first) == nullptr; };
  std::erase_if(disagreeing_since_, [&](const auto& e) { return sets_.find(e.first.first) == nullptr; });
  std::erase_if(reconciled_, gone);
  watches_.wake_all();
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

void storage_node::ask_each(const arrivals& into, std::vector<node_id> nodes, message_contents m, core::time_point deadline,
                            const resource_id& resource, std::uint64_t round) {
  if (nodes.empty()) return;
  const auto handler = [this, box = into, resource, round, alive = std::weak_ptr(alive_)](node_id from, core::result<answer> got) {
    if (alive.expired()) return;
    if (got) {
      note_state(from, resource, got->contents);
      if (got->contents.code == code::store_req + 1) late_.confirmed(from, resource, round);
    }
    box->push({from, std::move(got)});
  };
  ring_.request_each(std::move(nodes), std::move(m), deadline, handler);
}

// The node asks whenever its ring has changed, and counting goes through all that is held.
storage_counts storage_node::counts() const {
  const auto began = env_.now();
  const auto lagging = late_.resources(began);
  const auto* known = counted_.get(began);
  auto c = known != nullptr ? *known : count(lagging);
  if (known == nullptr) counted_.keep(c, began, env_.now());
  c.synced = state_.here().empty() && state_.unproven().empty() && state_.to_remind().empty() && lagging.empty();
  return c;
}

storage_counts storage_node::count(const std::set<resource_id>& lagging) const {
  storage_counts c;
  const auto self = ring_.self();
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
