// How a Chord node enters the ring (RFC 6940 s.10.5), step by step. Pure: it is told the time and what came.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "chord/chord_actions.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::overlay {

class chord_join {
 public:
  enum class step {
    idle,     // not joining
    contact,  // a bootstrap node is sought: step 1
    locate,   // an Attach to n+1, which the Admitting Peer answers: step 2
    meet,     // its Update, and links to all that belong in the Neighbour Table: steps 3 and 4
    admit,    // a Join: step 5
    settle,   // the Admitting Peer stores here what this node will be responsible for, until its Update names this node: steps 6 and 7
  };
  static constexpr std::size_t asked_max = 8;
  static constexpr core::duration contact_again = std::chrono::seconds(5);
  static constexpr core::duration locate_again = std::chrono::seconds(1);  // the ring may be mending itself
  static constexpr core::duration step_max = std::chrono::seconds(10);     // no answer is later
  static constexpr core::duration settle_max = std::chrono::minutes(10);   // Stores of a whole range take their time

  // What is known of the ring.
  struct surroundings {
    std::optional<node_id> successor;  // the nearest ready peer after this node
    bool told = false;                 // the Admitting Peer has told its Neighbour Table
    bool attaching = false;            // Attaches to neighbours-to-be are under way
  };

  explicit chord_join(const node_id& self) : self_(self) {}

  void begin(core::time_point now) { enter(step::contact, now); }
  void end() noexcept { step_ = step::idle; }
  // Something has changed, or next_due has come: what is to be done next, if anything.
  [[nodiscard]] std::vector<chord_action> advance(const surroundings& s, core::time_point now);

  // The Attach to n+1 was answered by this peer, or was not answered.
  void located(const std::optional<node_id>& by, core::time_point now);
  void answered(const node_id& by, bool accepted, core::time_point now);
  // An Update of `from` with its Neighbour Table. True: it is of a peer that was asked to admit this node, and names it as a predecessor,
  // so this node is part of the ring.
  [[nodiscard]] bool updated(const node_id& from, const std::vector<node_id>& predecessors, core::time_point now);
  void lost(const node_id& n, core::time_point now);  // its link

  [[nodiscard]] step at() const noexcept { return step_; }
  // What others tell of their neighbours is of use: they are this node's as well.
  [[nodiscard]] bool near_place() const noexcept { return step_ > step::contact; }
  [[nodiscard]] bool under_way() const noexcept { return step_ != step::idle; }
  [[nodiscard]] const std::optional<node_id>& admitting() const noexcept { return admitting_; }
  [[nodiscard]] resource_id place() const noexcept { return successor(self_); }  // n+1
  [[nodiscard]] core::time_point next_due() const noexcept;                      // max: never

 private:
  void enter(step s, core::time_point now);
  void again(core::time_point now) { enter(step::contact, now); }
  std::vector<chord_action> contact(const surroundings& s, core::time_point now);
  std::vector<chord_action> admit(const surroundings& s, core::time_point now);

  node_id self_;
  step step_ = step::idle;
  core::time_point until_{};  // of this step
  std::optional<node_id> admitting_;
  std::vector<node_id> asked_;  // for admission, the last asked_max: one that this node has given up may be as far
};

}  // namespace phyllo::overlay
