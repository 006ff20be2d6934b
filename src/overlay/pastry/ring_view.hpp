// All that this node knows of the ring, and where it sends a key (specification of the Pastry plug-in: next_hop, deliver).
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <vector>

#include "pastry/leaf_set.hpp"
#include "pastry/neighborhood_set.hpp"
#include "pastry/routing_table.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "reload/places.hpp"
#include "reload/topology.hpp"

namespace phyllo::overlay {

// The link with another node, and what was said by it.
struct node_link {
  bool open = false;
  bool uses_us = false;      // it has said that it needs the link to here
  bool told_used = false;    // was told that this node needs it
  bool told_grants = false;  // was told by whom this node was admitted
  core::duration rtt{};
  core::time_point heard{};    // last message by it
  core::time_point said{};     // last message to it
  asio::ip::address heard_at;  // where a link with its Node-ID ended last; unspecified: none ever did
};

// Why another node is not relied on, though nothing says that it has failed.
struct node_doubt {
  bool suspect = false;     // under probe
  bool deaf = false;        // acknowledges, and answers nothing
  unsigned unanswered = 0;  // probes, since it last answered one
  // Of a suspect: by whom it has answered, and when. It lives, and only the way between it and this node is broken.
  std::optional<node_id> through;
  core::time_point answered_around{};
  unsigned unanswered_around = 0;  // rounds of Pings through others, one after the other
};

// What is known of one other node.
struct node_record {
  std::uint32_t incarnation = 0;
  bool peer = false;       // its certificate has the right to be one: known while it is linked, and of those that were
  bool active = false;     // it is a peer, has said so itself, and is not leaving
  bool admitted = false;   // to leaf sets, in this incarnation: by a grant, or by the word of one that was
  bool leaving = false;    // has said LeaveReq
  bool may_form = false;   // has said that it may form the ring again
  bool clock_off = false;  // its clock differs from most others'
  node_link link;
  node_doubt doubt;
  kept_places candidates;      // where it was dialled, or said it can be
  core::time_point vouched{};  // when its neighbours-to-be were asked after it, or it for a grant

  // Linked, active, no suspect, and answering: may be routed through (RFC 6940 s.6.5.1).
  [[nodiscard]] bool usable() const noexcept { return link.open && active && !doubt.suspect && !doubt.deaf; }
};

// Ids are chosen at random, so any of their octets serve; inline, since routing looks nodes up at every step.
struct node_hash {
  std::size_t operator()(const node_id& n) const noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, n.octets.data() + node_id::size - sizeof word, sizeof word);
    return static_cast<std::size_t>(word);
  }
};
using node_records = std::unordered_map<node_id, node_record, node_hash>;

class ring_view final : public topology {
 public:
  ring_view(const node_id& self, std::size_t leaf_set_size, unsigned digit_bits, std::size_t neighborhood)
      : self_(self),
        bits_(digit_bits),
        leafs_max_(leaf_set_size),
        leafs(self, leaf_set_size),
        table(self, digit_bits),
        near(neighborhood),
        beyond(self, 2 * leaf_set_size) {}

  [[nodiscard]] const node_id& self() const noexcept override { return self_; }
  [[nodiscard]] const node_record* find(const node_id& n) const;
  node_record& record(const node_id& n) { return records_[n]; }
  void forget(const node_id& n) { records_.erase(n); }
  void learn_places(const node_id& n, const places& p);  // where it can be dialled
  // A link with it, under its Node-ID, ends there.
  void hear_at(const node_id& n, const asio::ip::address& a);
  // What may be told of it: of its places those at the address where it was heard. The rest is hearsay, and may be some victim's.
  [[nodiscard]] places heard_places(const node_id& n) const;
  [[nodiscard]] const node_records& records() const noexcept { return records_; }

  [[nodiscard]] bool usable(const node_id& n) const;
  // Of the left's nodes, then of the right's: told with every probe, so they are gathered only when something has changed.
  [[nodiscard]] const place_list& leaf_places() const;

  [[nodiscard]] decision decide(const destination& d, bool eager, const node_id* except = nullptr) const override;

  // The best active node for `key`, suspects included: its root in this node's view.
  [[nodiscard]] node_id root(const node_id& key) const;
  [[nodiscard]] bool credible_root(const node_id& n, const node_id& key) const override;

  // Whether `from`, an active node, might send a message for `key` here by Pastry's rules: this node shares more digits with the key, or is
  // nearer to it. What is not known of it is taken for granted.
  [[nodiscard]] bool well_routed(const node_id& from, const node_id& key) const override;
  [[nodiscard]] bool is_active(const node_id& n) const override;
  [[nodiscard]] bool in_reach(const node_id& n) const override;
  void note_said(const node_id& n, core::time_point now) override { records_[n].link.said = now; }

  // Takes an active, linked node wherever it belongs, into the leaf set only if it was admitted; takes one out everywhere. True: the leaf
  // set has changed.
  bool enter(const node_id& n);
  bool remove(const node_id& n);

  // A member of the leaf set names its own.
  void note_named(const node_id& by, const std::vector<node_id>& left, const std::vector<node_id>& right);

  bool active = false;  // this node is
  // Of a message to a key, when more than 0: it comes by the nearest (by round-trip time) of so many nodes that should be the nearest to
  // the key (Rowstron & Druschel 2001, s.2.5), before its root.
  unsigned replica_choice = 0;

 private:
  [[nodiscard]] decision decide_node(const node_id& n, const node_id* except) const;
  [[nodiscard]] decision decide_resource(const node_id& key, bool eager, const node_id* except) const;
  [[nodiscard]] std::optional<decision> around(const node_id& n, const node_id* except) const;
  [[nodiscard]] node_id next_hop(const node_id& key, const node_id* except) const;
  [[nodiscard]] std::optional<node_id> near_replica(const node_id& key, const node_id* except) const;
  [[nodiscard]] core::duration mean_leaf_rtt() const;
  [[nodiscard]] std::optional<node_id> descend(const node_id& key, const node_id* except) const;
  [[nodiscard]] std::optional<node_id> nearest_any(const node_id& key, const node_id* except) const;

  node_id self_;
  unsigned bits_;
  std::size_t leafs_max_;
  node_records records_;
  mutable place_list leaf_places_;
  mutable std::optional<unsigned> leaf_places_of_;  // leafs.changes(), then

 public:
  leaf_set leafs;
  routing_table table;
  neighborhood_set near;
  leaf_set beyond;  // twice as wide, of what members of `leafs` name: only reckoned with, and only for replica_choice
};

}  // namespace phyllo::overlay
