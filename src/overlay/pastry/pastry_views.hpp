// What others' leaf sets and rows teach this node, and whom it meets for them (specification of the Pastry plug-in, what a LeafSetState
// teaches).
#pragma once

#include "pastry/named_nodes.hpp"
#include "pastry/pastry_failures.hpp"

namespace phyllo::overlay {

class pastry_joiner;

// All outlive it.
struct view_parts : topology_parts {
  own_state& own;
  ring_view& ring;
  failed_nodes& failed;
  leaf_set_admission& admission;
  state_probes& probes;
  pastry_failures& failures;
  table_filling& table;
  pastry_membership& membership;
  pastry_clock& clocks;
  pastry_joiner& joiner;
  const std::unique_ptr<pastry_role>& role;
  core::task_scope& scope;
};

class pastry_views final : public state_asker, public probe_observer, public named_observer {
 public:
  pastry_views(const view_parts& parts, std::size_t leaf_set_size)
      : parts_(parts), leaf_set_size_(leaf_set_size), named_(parts.ring, parts.failed, parts.admission, parts.probes) {}

  void learn(const node_id& from, const leaf_set_state& s);        // of it, and of those whom it names
  bool learn_state(const node_id& from, const leaf_set_state& s);  // of itself alone; false: its lists do not matter here
  // A node that has just become active may have missed those that became so at the same moment: whoever knows both makes them meet.
  void help(const node_id& n, const leaf_set_state& s);
  [[nodiscard]] bool meeting_any() const noexcept { return named_.meeting_any(); }

  // state_asker
  void ask_for_state(const node_id& n) override { parts_.probes.send(n); }
  [[nodiscard]] bool asked(const node_id& n) const override { return parts_.probes.open(n) || named_.meeting(n); }
  [[nodiscard]] bool failed(const node_id& n) const override { return parts_.failed.contains(n); }

  // probe_observer
  void on_probe_answered(const node_id& n, const core::result<answer>& a) override;

  // named_observer
  void on_named(const node_id& n, const node_id& by, const place_list& named, std::size_t index) override;

 private:
  void note_own_words(node_record& r, const node_id& from, const leaf_set_state& s);
  void take_probe_answer(const node_id& n, const core::result<answer>& a);
  core::awaitable<void> meet(node_id n, node_id by, places at);
  void note_unmet(const node_id& n, const node_id& by);

  view_parts parts_;
  std::size_t leaf_set_size_;
  named_nodes named_;
};

}  // namespace phyllo::overlay
