// Which copies are wanted where, as the range of a Chord peer and its two replicas change (RFC 6940 s.10.4, s.10.7.1, s.10.7.3).
#pragma once

#include <chrono>
#include <vector>

#include "chord/chord_actions.hpp"
#include "chord/successor_lists.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::overlay {

class chord_replicas {
 public:
  // "When replacing a successor, the peer SHOULD delay the creation of new replicas for the successor replacement hold-down time
  // (30 seconds)" (s.10.7.1). Only the second replica waits: the first takes over if this node fails, and must have copies by then.
  static constexpr core::duration hold_down = std::chrono::seconds(30);

  // This node enters the ring: its Admitting Peer, who was responsible, and that one's first replica are its own replicas.
  void begin(const successor_lists& l);
  // A joiner, at the end of it, has been given this part of the range already.
  void note_given(const key_range& keys) { given_ = keys; }
  // `n` has failed or left.
  void note_lost(const node_id& n, core::time_point now);
  // The lists are as here, or next_due has come.
  [[nodiscard]] std::vector<chord_action> update(const successor_lists& l, core::time_point now);

  [[nodiscard]] const key_range& range() const noexcept { return range_; }
  [[nodiscard]] core::time_point next_due() const noexcept { return waiting_ ? hold_until_ : core::time_point::max(); }

 private:
  void give(const key_range& before, const successor_lists& l, std::vector<chord_action>& out) const;
  void cover(const key_range& gained, std::vector<chord_action>& out) const;
  void renew(const std::vector<node_id>& set, core::time_point now, std::vector<chord_action>& out);

  key_range range_;
  std::vector<node_id> replicas_;  // have copies of all of it
  key_range owed_;                 // what a new replica is to have: the range, and what has gone to a joiner since somebody waits
  key_range given_;                // to a joiner
  core::time_point hold_until_{};
  bool waiting_ = false;  // somebody in the replica set has no copies yet
};

}  // namespace phyllo::overlay
