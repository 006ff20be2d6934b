#include "storage/replica_asker.hpp"

#include <algorithm>

#include "reload/message_codes.hpp"
#include "storage/storage_extension.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t confirmations_max = 4096;  // then those that count no more go
constexpr core::duration reconciled_for = 200ms;
}  // namespace

void replica_asker::ask_each(const arrivals& into, std::vector<node_id> nodes, message_contents m, core::time_point deadline,
                             const resource_id& resource, std::uint64_t round) {
  if (nodes.empty()) return;
  const auto handler = [this, box = into, resource, round, alive = std::weak_ptr(alive_)](node_id from, core::result<answer> got) {
    if (alive.expired()) return;
    if (got) {
      note_state(from, resource, got->contents);
      if (got->contents.code == code::store_req + 1) share_.late().confirmed(from, resource, round);
    }
    box->push({from, std::move(got)});
  };
  ring_.request_each(std::move(nodes), std::move(m), deadline, handler);
}

void replica_asker::note_state(const node_id& from, const resource_id& resource, const message_contents& m) {
  const auto state = replica_state::of(m);
  if (!state) return;
  const auto now = env_.now();
  const auto& sets = share_.sets();
  if (state->view != sets.view(resource)) return reconcile(from, reconciled_for);
  if (confirmed_.size() > confirmations_max) std::erase_if(confirmed_, [&](const auto& e) { return e.second + confirmed_for_ < now; });
  confirmed_[{from, state->view}] = now;
  const bool named = std::ranges::find(state->unsynced, ring_.self()) != state->unsynced.end();
  if (!named || !share_.state().synced_here(resource)) return;
  for (const auto& a : sets.arcs_of(ring_.self())) {
    if (a.contains(resource)) share_.sync_again({a});
  }
}

bool replica_asker::confirms(const node_id& who, std::uint64_t view) const {
  const auto at = confirmed_.find({who, view});
  return at != confirmed_.end() && at->second + confirmed_for_ >= env_.now();
}

void replica_asker::reconcile(const node_id& with, core::duration pause) {
  const auto now = env_.now();
  auto& last = reconciled_[with];
  if (last + pause > now && last != core::time_point{}) return;
  last = now;
  ring_.reconcile(with);
}

void replica_asker::forget_strangers() {
  std::erase_if(reconciled_, [&](const auto& e) { return share_.sets().find(e.first) == nullptr; });
}

}  // namespace phyllo::overlay
