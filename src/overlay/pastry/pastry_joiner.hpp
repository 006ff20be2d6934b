// How this node joins, and joins again (specification of the Pastry plug-in, joining): the shell of pastry_join, with what looks for
// active nodes and what forms a ring again that was down as a whole.
#pragma once

#include "pastry/bootstrap_finder.hpp"
#include "pastry/pastry_join.hpp"
#include "pastry/pastry_views.hpp"

namespace phyllo::overlay {

// All outlive it.
struct joiner_parts : topology_parts {
  own_state& own;
  ring_view& ring;
  failed_nodes& failed;
  state_probes& probes;
  table_filling& table;
  pastry_membership& membership;
  pastry_clock& clocks;
  pastry_views& views;
  core::task_scope& scope;
};

class pastry_joiner {
 public:
  explicit pastry_joiner(const joiner_parts& parts)
      : parts_(parts),
        machine_(parts.ring),
        forming_(parts, parts.own, parts.ring, parts.probes, parts.membership, parts.scope),
        finder_(parts, parts.ring, forming_) {}

  // Until this node is active, by whatever way; an error: not in time, refused, or stopped.
  core::awaitable<core::status> join(places bootstrap, core::time_point deadline);
  // This node can judge nobody: it leaves, and joins again when it can.
  void step_out();
  [[nodiscard]] pastry_join& machine() noexcept { return machine_; }
  [[nodiscard]] pastry_forming& forming() noexcept { return forming_; }
  [[nodiscard]] const bootstrap_finder& finder() const noexcept { return finder_; }
  [[nodiscard]] const places& bootstrap() const noexcept { return bootstrap_; }  // as given at the start

 private:
  using action = pastry_join::action;

  core::awaitable<void> rejoin();
  core::awaitable<core::status> attempt(places bootstrap, core::time_point deadline);
  core::awaitable<action> discover(places bootstrap, core::time_point deadline);
  core::awaitable<action> ask_for_rows(action a, core::time_point deadline);
  core::awaitable<action> link_for_rows(action a, core::time_point deadline);
  core::awaitable<action> attach_to_root(node_id root, core::time_point deadline);
  core::awaitable<action> ask_admission(node_id root, core::time_point deadline);
  core::awaitable<action> pause();
  core::awaitable<action> await_answers();
  [[nodiscard]] action give_back(const std::vector<node_id>& to);
  [[nodiscard]] core::status become_active();
  void withdraw();
  [[nodiscard]] bool all_answered() const;
  [[nodiscard]] pastry_join::moment now() const { return {parts_.env.now(), parts_.own.joining()}; }

  joiner_parts parts_;
  pastry_join machine_;
  pastry_forming forming_;
  bootstrap_finder finder_;
  places bootstrap_;
  message_contents request_;  // JoinReq
};

}  // namespace phyllo::overlay
