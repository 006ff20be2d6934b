// A ring that was down as a whole begins again (specification of the Pastry plug-in, forming the ring again): the shell of ring_formation,
// beside attempts to join.
#pragma once

#include <string>
#include <vector>

#include "pastry/pastry_membership.hpp"
#include "pastry/state_probes.hpp"
#include "phyllo/core/task_scope.hpp"

namespace phyllo::overlay {

class pastry_forming {
 public:
  // All references outlive it.
  pastry_forming(const topology_parts& parts, own_state& own, const ring_view& ring, state_probes& probes, pastry_membership& membership,
                 core::task_scope& scope)
      : parts_(parts), own_(own), ring_(ring), probes_(probes), membership_(membership), scope_(scope) {}

  void begin();                                    // to look, unless it does already; until this node is active, by whatever way
  void ask() noexcept { asked_ = true; }           // whoever runs this node has it begin the ring alone
  void note_looked() noexcept { looked_ = true; }  // for an active node, in vain

  [[nodiscard]] core::error nobody_active() const;  // why no active node is found
  [[nodiscard]] std::string waits_for() const;      // whom a node waits for that was a member of a ring, for people

 private:
  core::awaitable<void> gather();
  [[nodiscard]] std::vector<ring_formation::waiting> waiting_here() const;
  [[nodiscard]] bool begins_the_ring();
  [[nodiscard]] bool knows_active() const;
  [[nodiscard]] std::string members_missing() const;

  topology_parts parts_;
  own_state& own_;
  const ring_view& ring_;
  state_probes& probes_;
  pastry_membership& membership_;
  core::task_scope& scope_;
  bool gathering_ = false;  // its coroutine runs
  bool looked_ = false;
  bool asked_ = false;
};

}  // namespace phyllo::overlay
