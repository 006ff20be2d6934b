#include "pastry/ring_role.hpp"

#include <algorithm>

#include "reload/token_bucket.hpp"

namespace phyllo::overlay {
namespace {

class ring_role final : public pastry_role {
 public:
  ring_role(const role_parts& parts, std::size_t clients_max) : parts_(parts), clients_max_(clients_max) {}

  core::awaitable<core::status> join(places bootstrap, core::time_point deadline) override {
    return parts_.joiner.join(std::move(bootstrap), deadline);
  }
  void seek(places place) override { parts_.seeker.seek(std::move(place)); }
  void on_linked(const node_id& n) override {
    if (parts_.ring.enter(n)) parts_.membership.changed();
  }
  void on_link_closed() override {}
  void on_unjudged(const node_id& n, const message_contents& m) override { parts_.clocks.note_unjudged(n, m); }
  [[nodiscard]] bool take_state(const node_id& from, const leaf_set_state& s, bool changed) override;
  [[nodiscard]] bool has_room_for(const node_id& n) override;
  [[nodiscard]] bool tells_use() const override { return true; }
  [[nodiscard]] bool forwards() const override { return true; }
  void describe(peer_status&) const override {}
  void halt() override {}
  core::awaitable<void> stop() override { co_return; }

 private:
  [[nodiscard]] bool place_in_ring(const node_id& from, const leaf_set_state& s);

  role_parts parts_;
  std::size_t clients_max_;
  token_bucket client_rate_{200, 400};  // links of clients that it takes, a second and at once
};

bool ring_role::take_state(const node_id& from, const leaf_set_state& s, bool changed) {
  const bool moved = place_in_ring(from, s);
  if (moved || changed) parts_.membership.changed();
  return true;
}

// True: the leaf set has changed.
bool ring_role::place_in_ring(const node_id& from, const leaf_set_state& s) {
  const auto& r = parts_.ring.record(from);
  if (r.active) {
    if (!parts_.admission.judge(from, s, parts_.env.now())) {
      parts_.metrics.drop("not_admitted");
      for (const auto& n : parts_.admission.witnesses(from, parts_.env.now())) parts_.probes.reconcile(n);
    }
    parts_.admission.end(from, r.admitted);
    return parts_.ring.enter(from);
  }
  if (parts_.admission.granted(from)) return false;
  const bool left_a_gap = parts_.ring.remove(from);
  if (left_a_gap) parts_.failures.repair().refill(parts_.env.now());
  return left_a_gap;
}

// A joiner is not active yet either: it is counted until it is.
bool ring_role::has_room_for(const node_id& n) {
  if (const auto* r = parts_.ring.find(n); r != nullptr && r->active) return true;
  if (!client_rate_.take(parts_.env.now())) return false;
  if (parts_.links.nodes() < clients_max_) return true;
  const auto peers = parts_.links.peers();
  const auto outside = [this](const node_id& p) {
    const auto* r = parts_.ring.find(p);
    return r == nullptr || !r->active;
  };
  return static_cast<std::size_t>(std::ranges::count_if(peers, outside)) < clients_max_;
}

}  // namespace

std::unique_ptr<pastry_role> make_ring_role(const role_parts& parts, const peer_options& options) {
  return std::make_unique<ring_role>(parts, options.clients_max);
}

}  // namespace phyllo::overlay
