// How this node finds out who is gone, who is there all the same, and what it does then (specification of the Pastry plug-in, failure):
// the shell of peer_failures and deaf_members.
#pragma once

#include "pastry/deaf_members.hpp"
#include "pastry/leaf_set_admission.hpp"
#include "pastry/leaf_set_repair.hpp"
#include "pastry/named_observer.hpp"
#include "pastry/pastry_clock.hpp"
#include "pastry/pastry_membership.hpp"
#include "pastry/pastry_role.hpp"
#include "pastry/peer_failures.hpp"
#include "pastry/table_filling.hpp"

namespace phyllo::overlay {

// All outlive it.
struct failure_parts : topology_parts {
  own_state& own;
  ring_view& ring;
  failed_nodes& failed;
  leaf_set_admission& admission;
  state_probes& probes;
  table_filling& table;
  pastry_membership& membership;
  upkeep_schedule& upkeep;
  pastry_clock& clocks;
  const std::unique_ptr<pastry_role>& role;
  topology_observer& up;
  named_observer& named;
  core::task_scope& scope;
};

class pastry_failures final : public neighbour_observer {
 public:
  pastry_failures(const failure_parts& parts, std::size_t leaf_set_size);

  // neighbour_observer
  void on_heard(const node_id& n) override;
  void on_overdue(const node_id& n) override { suspect(n, suspicion::overdue); }
  void on_link_closed(const node_id& n, const core::error& why) override;
  void on_unjudged(const node_id& n, const message_contents& m) override { parts_.role->on_unjudged(n, m); }
  void on_judged(const node_id& n) override { parts_.clocks.note_judged(n); }
  void on_unanswered(const node_id& n) override;

  void suspect(const node_id& n, suspicion why);
  void alive(const node_id& n);
  void fail(const node_id& n, suspicion why);
  void note_answer(const node_id& n, bool answered);  // a probe
  void ask_deaf(const node_id& n);                    // one that was given up, and says something
  // Another node has found members of the leaf set failed. Each is asked; the names beside it are those that will take its place.
  void hear(const node_id& from, const leaf_set_state& s);
  // A member names one that this node can not reach, or has failed: what it says of itself comes through the member, signed.
  void ask_through(const node_id& n, const node_id& via);

  void run_due(core::time_point now);
  [[nodiscard]] peer_failures& machine() noexcept { return machine_; }
  [[nodiscard]] const peer_failures& machine() const noexcept { return machine_; }
  [[nodiscard]] leaf_set_repair& repair() noexcept { return repair_; }

 private:
  void ask_again(const node_id& n);
  void ask_around(const node_id& n, suspicion why);
  void note_around(const node_id& n, const node_id& via);
  void take_back(const node_id& n, const node_id& via, std::uint32_t incarnation);
  void close_ranks(peer_failures::failure& f);
  core::awaitable<void> link_again(node_id n, node_id via);

  failure_parts parts_;
  peer_failures machine_;
  deaf_members deaf_;
  leaf_set_repair repair_;
};

}  // namespace phyllo::overlay
