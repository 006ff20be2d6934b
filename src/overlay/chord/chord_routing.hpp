// The Connection Table and the Routing Table of one Chord node, and where it sends a message by them (RFC 6940 s.10.1, s.10.3).
//
// A peer is found dead or alive, never suspect: what a link or a request has lost is out of the tables at once (s.10.7.1), so `hold` is
// never the verdict.
#pragma once

#include <map>
#include <optional>

#include "chord/finger_table.hpp"
#include "chord/successor_lists.hpp"
#include "phyllo/core/time.hpp"
#include "reload/topology.hpp"

namespace phyllo::overlay {

// An open link: an entry of the Connection Table.
struct chord_link {
  bool ready = false;              // has said by an Update that it is a peer, and may be routed through (s.6.5.1)
  bool told = false;               // has told its Neighbour Table
  core::time_point used{};         // when it has last shown that it needs the link
  core::time_point next_update{};  // when it is told ours again, while it is in a table of this node
};

class chord_routing final : public topology {
 public:
  chord_routing(const node_id& self, std::size_t neighbours_each) : self_(self), neighbours_(self, neighbours_each), fingers_(self) {}

  [[nodiscard]] const node_id& self() const noexcept override { return self_; }
  // To who is responsible; straight to a link whose Node-ID is the destination. `eager` makes no difference: nobody is suspect.
  [[nodiscard]] decision decide(const destination& d, bool eager, const node_id* except = nullptr) const override;
  // No peer in the Routing Table, and not this node, lies between the key and `n`.
  [[nodiscard]] bool credible_root(const node_id& n, const node_id& key) const override;
  // Where this node is past the key, `from` must have had nobody nearer before it: none of the predecessors, whom it knows as this node
  // does.
  [[nodiscard]] bool well_routed(const node_id& from, const node_id& key) const override;
  [[nodiscard]] bool is_active(const node_id& n) const override;
  [[nodiscard]] bool in_reach(const node_id& n) const override { return links_.contains(n); }
  void note_said(const node_id&, core::time_point) override {}  // links are kept alive by Updates, and by the transport

  // This node itself is part of the ring.
  [[nodiscard]] bool active() const noexcept { return active_; }
  void set_active(bool a) noexcept { active_ = a; }

  void open(const node_id& n, core::time_point now) { links_[n].used = now; }
  void close(const node_id& n) { links_.erase(n); }  // after remove
  // Null: there is no link.
  [[nodiscard]] chord_link* find(const node_id& n);
  [[nodiscard]] const std::map<node_id, chord_link>& links() const noexcept { return links_; }

  // A linked peer that may be routed through goes wherever it belongs. True: the Neighbour Table has changed.
  bool enter(const node_id& n);
  // Out of both tables, and not to be routed through; its places go to the best of the other ready links (s.10.7.1, s.10.7.2). True: the
  // Neighbour Table has changed.
  bool remove(const node_id& n);
  [[nodiscard]] bool uses(const node_id& n) const { return neighbours_.contains(n) || fingers_.contains(n); }

  [[nodiscard]] const successor_lists& neighbours() const noexcept { return neighbours_; }
  [[nodiscard]] const finger_table& fingers() const noexcept { return fingers_; }
  // That are to be sought; none while the Neighbour Table has the whole ring.
  [[nodiscard]] std::vector<unsigned> missing_fingers() const;
  // The largest Node-ID between self and the key, or else the smallest after the key (s.10.3). Nothing: the Routing Table is empty.
  [[nodiscard]] std::optional<node_id> next_hop(const node_id& key, const node_id* except = nullptr) const;

 private:
  [[nodiscard]] decision towards(const node_id& key, const node_id* except) const;
  template <class F>
  void each_route(F f) const;
  void refill();

  node_id self_;
  bool active_ = false;
  std::map<node_id, chord_link> links_;
  successor_lists neighbours_;
  finger_table fingers_;
};

}  // namespace phyllo::overlay
