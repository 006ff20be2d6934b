// Suspects, and nodes that have failed: what becomes of them in this node's tables, who is asked after them and who is told (specification
// of the Pastry plug-in, failure). Pure.
#pragma once

#include <vector>

#include "pastry/failed_nodes.hpp"
#include "pastry/failure_detector.hpp"
#include "pastry/failure_rumours.hpp"
#include "pastry/ring_estimates.hpp"
#include "pastry/ring_view.hpp"
#include "reload/loss_burst.hpp"

namespace phyllo::overlay {

class peer_failures {
 public:
  // As long as a node is named failed: until each neighbour has heard it by two heartbeats.
  static constexpr core::duration failed_for = std::chrono::seconds(90);
  static constexpr core::duration rumour_after = std::chrono::seconds(1);  // less than it takes anybody to find a node failed
  // Of a suspect that answers through others: 4.5 s from one Ping to the next.
  static constexpr core::duration around_rto = std::chrono::milliseconds(500);
  static constexpr core::duration around_for = std::chrono::seconds(8);    // one of them may be lost
  static constexpr unsigned unanswered_rounds_max = 2;                     // of such Pings one after the other
  static constexpr core::duration agreed_after = std::chrono::seconds(5);  // then others have failed it, too, or still reach it

  // What it was, and what follows.
  struct failure {
    bool leaf = false;     // a member of the leaf set
    bool entry = false;    // of the routing table
    bool refills = false;  // the leaf set has room for others
    bool tells = false;    // others
    std::vector<node_id> told;
    failure_rumour heard;               // from others before
    std::vector<node_id> members_then;  // of the leaf set, with it
  };

  // The tables outlive it. The keys are random, and secret.
  peer_failures(ring_view& ring, failed_nodes& failed, std::size_t leaf_set_size, const core::hash_key& of_rumours,
                const core::hash_key& of_refuted, core::counter& evictions)
      : ring_(ring), failed_(failed), leaf_set_size_(leaf_set_size), rumours_(of_rumours, of_refuted, evictions) {}

  void begin(core::time_point now) { history_.begin(now); }

  // False: it is a suspect already, though it may be given up sooner now.
  [[nodiscard]] bool suspect(const node_id& n, core::time_point now, core::duration rto, suspicion why);
  [[nodiscard]] bool suspected(const node_id& n) const { return detector_.suspected(n); }
  // It has shown that it lives. True: it was a suspect.
  [[nodiscard]] bool alive(const node_id& n, core::time_point now);
  // `from` calls `n` failed, and tells its leaf set. True: `n`, a member here, is to be suspected.
  [[nodiscard]] bool hear(const node_id& n, const node_id& from, const leaf_set_state& s, core::time_point now);

  [[nodiscard]] std::vector<failure_detector::step> due(core::time_point now) { return detector_.due(now); }
  [[nodiscard]] core::time_point next_due() const { return detector_.next_due(); }
  // Whether a suspect that was asked in vain has failed; if not, it stays one, and is asked again.
  [[nodiscard]] bool gives_up(const node_id& n, suspicion why, core::time_point now);
  // Members through which it is asked now: perhaps only the link between it and this node is broken. Of a member of the leaf set alone:
  // a table does without one that it can not reach itself.
  [[nodiscard]] std::vector<node_id> ways_around(const node_id& n, suspicion why);
  // It has answered through `via`. True: for the first time.
  [[nodiscard]] bool answered_around(const node_id& n, const node_id& via, core::time_point now);
  // It has been failed here, others have it in their leaf sets, and it says through one of them that it is active. False: it does not
  // belong into this node's. True: it is there, as a suspect.
  [[nodiscard]] bool take_back(const node_id& n, std::uint32_t incarnation, core::time_point now);

  [[nodiscard]] failure fail(const node_id& n, suspicion why, core::time_point now);
  // Who has taken its place is told, too, by name: from now on others think it told.
  void tell_entrants(failure& f) const;

  [[nodiscard]] bool parted(core::time_point now) const { return losses_.parted(now); }  // many at once: they are hardly all dead
  // Failures a second of one node, of all that are watched.
  [[nodiscard]] double rate(core::time_point now) const;
  void forget_old(core::time_point now) { rumours_.forget_old(now); }

 private:
  ring_view& ring_;
  failed_nodes& failed_;
  std::size_t leaf_set_size_;
  failure_detector detector_;
  failure_rumours rumours_;
  failure_history history_;
  loss_burst losses_;  // of members of the leaf set
};

}  // namespace phyllo::overlay
