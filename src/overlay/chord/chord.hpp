// The topology plug-in CHORD-RELOAD of one node (RFC 6940 s.10; chord.md): joining, Updates, stabilisation, failures and leaving. Pure: it
// is told the time and what came, and answers with what is to be done, in that order.
//
// Who calls it judges first: an Update, a Join, a Leave counts only from a peer, directly on a link of its signer.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "chord/chord_actions.hpp"
#include "chord/chord_attaches.hpp"
#include "chord/chord_join.hpp"
#include "chord/chord_replicas.hpp"
#include "chord/chord_routing.hpp"
#include "chord/chord_schedule.hpp"
#include "chord/finger_search.hpp"
#include "phyllo/identity/configuration.hpp"

namespace phyllo::overlay {

struct chord_options : identity::chord_settings {
  std::size_t neighbours_each = 8;  // predecessors, and successors
  core::hash_key random{};          // random, of this node alone

  [[nodiscard]] core::duration update_interval() const { return std::chrono::seconds(update_interval_s); }
  [[nodiscard]] core::duration ping_interval() const { return std::chrono::seconds(ping_interval_s); }
};

class chord {
 public:
  using actions = std::vector<chord_action>;
  static constexpr core::duration seek_alone = std::chrono::seconds(10);  // others, of a peer that has lost them all
  static constexpr std::size_t joiners_max = 16;                          // that are handed their range at a time
  static constexpr int unused_intervals = 3;                              // of Updates, after which a link that none came by is closed

  chord(const node_id& self, const chord_options& options, core::time_point now);

  [[nodiscard]] actions form(core::time_point now);   // begins the overlay
  [[nodiscard]] actions join(core::time_point now);   // until `activated`
  [[nodiscard]] actions leave(core::time_point now);  // active no more

  // A link to `n` is there. `update_wanted`: by an Attach of `n` with send_update; so it is called again for a RouteQuery with it, and for
  // such an Attach of a node that is linked already.
  [[nodiscard]] actions link_opened(const node_id& n, bool update_wanted, core::time_point now);
  [[nodiscard]] actions link_closed(const node_id& n, core::time_point now);
  // A request by its link had no answer: a connectivity check, or an Update.
  [[nodiscard]] actions unanswered(const node_id& n, core::time_point now);
  // Who has answered an Attach, and is linked now, or was before; it may be this node. Nothing: it has failed.
  [[nodiscard]] actions attached(const destination& to, const std::optional<node_id>& by, core::time_point now);
  [[nodiscard]] actions ping_answered(const node_id& by, core::time_point now);
  // `by` has answered the Ping that went through `via`, a bootstrap node.
  [[nodiscard]] actions sought(const node_id& via, const node_id& by, core::time_point now);

  [[nodiscard]] actions updated(const node_id& from, const chord_update& u, core::time_point now);
  [[nodiscard]] actions join_asked(const node_id& by, core::time_point now);
  [[nodiscard]] actions join_answered(const node_id& by, bool accepted, core::time_point now);
  [[nodiscard]] actions handed_over(const node_id& to, core::time_point now);
  [[nodiscard]] actions left(const chord_leave_request& l, core::time_point now);

  [[nodiscard]] actions tick(core::time_point now);  // at next_due, or whenever
  [[nodiscard]] core::time_point next_due() const;

  // What the message layer asks.
  [[nodiscard]] chord_routing& routing() noexcept { return routing_; }
  [[nodiscard]] const chord_routing& routing() const noexcept { return routing_; }
  [[nodiscard]] chord_update update_of(chord_update_type type, core::time_point now) const;

 private:
  // chord.cpp
  void activate(core::time_point now);
  [[nodiscard]] bool lose(const node_id& n, core::time_point now);  // true: the Neighbour Table has changed

  // chord_upkeep.cpp
  // What follows from a change of the Neighbour Table, and what is due. Returns all that there is to be done.
  actions finish(bool changed, core::time_point now);
  [[nodiscard]] chord_join::surroundings seen_by_join() const;
  void tell(const std::vector<node_id>& to, chord_update_type type, core::time_point now);
  void learn(const std::vector<node_id>& named, const std::optional<node_id>& by, core::time_point now);
  void attach(const node_id& n, const std::optional<node_id>& via, core::time_point now);
  void seek_finger(unsigned i, core::time_point now);
  void tell_due(core::time_point now);
  void close_unused(core::time_point now);
  void plan(chord_schedule::job j, core::time_point now);

  chord_options options_;
  core::time_point started_;
  chord_routing routing_;
  chord_attaches attaches_;
  chord_join join_;
  chord_replicas replicas_;
  chord_random random_;
  chord_schedule schedule_;
  finger_search search_;
  std::map<node_id, key_range> joiners_;  // that are handed their range
  actions out_;
};

}  // namespace phyllo::overlay
