// How a Pastry node comes into the ring, one attempt after another (specification of the Pastry plug-in, joining):
//   DISCOVER -> ROWS -> ATTACH -> JOIN -> PROBE -> GRANT -> ACTIVE
// Pure: it is told what came, and answers what is to be done next.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "pastry/ring_view.hpp"
#include "pastry/topology_messages.hpp"

namespace phyllo::overlay {

class pastry_join {
 public:
  static constexpr unsigned hops_max = 32;     // of the iterative look-up of the root
  static constexpr unsigned refusals_max = 5;  // Error_In_Progress, then ROWS again: the root may be another by now
  static constexpr core::duration settle_max = std::chrono::seconds(20);

  enum class task : std::uint8_t {
    discover,       // a link to any active node: discovered()
    ask_rows,       // RouteQuery(rows) for this node's place, to `node`, by source route through first(): told_rows(), rows_missed()
    link_for_rows,  // to `node`, which may be at `where`: linked_for_rows()
    ask_by_link,    // as ask_rows, on the link to `node`
    attach,         // to the root `node`, unless it is linked: attached()
    ask_admission,  // JoinReq to `node`: admitted(), refused()
    pause,          // 0.5 to 1.5 s: paused()
    await_answers,  // until all_answered() or until(): answered()
    give_back,      // to `nodes` what they have granted: gave_back()
    ask_grant,      // of `node`, by a probe; then as await_answers
    activate,
    give_up,  // this attempt, for `why`; nothing: no active node is known
  };
  struct action {
    task what = task::give_up;
    node_id node{};
    places where{};
    std::vector<node_id> nodes{};
    std::optional<core::error> why{};
  };
  // When something came, and whether this node still joins: it may have formed the ring itself, or be stopped.
  struct moment {
    core::time_point now;
    bool joining = true;
  };

  explicit pastry_join(const ring_view& ring) : ring_(ring) {}  // which outlives it

  [[nodiscard]] action begin();
  [[nodiscard]] action discovered(const node_id& first, core::time_point now);
  [[nodiscard]] action rows_missed(const core::error& why, bool joining);
  [[nodiscard]] action linked_for_rows(bool linked, bool joining);
  // Null: what came were no rows.
  [[nodiscard]] action told_rows(const route_query_answer* a, const moment& m);
  [[nodiscard]] action attached(const node_id& root);
  [[nodiscard]] action refused();
  // At the latest at `deadline` it is to have settled.
  [[nodiscard]] action admitted(core::time_point deadline, const moment& m);
  [[nodiscard]] action paused(const moment& m);
  [[nodiscard]] action answered(bool all, const moment& m);
  [[nodiscard]] action gave_back(const moment& m);

  // The state of a node that has answered its probe, the latest.
  void probed(const node_id& n, const leaf_set_state& s);
  void forget(const node_id& n);  // what it told
  // Of each node that was asked one answer is enough: on a bad network there is always a probe open that asks a suspect again.
  [[nodiscard]] bool all_answered(const std::map<node_id, unsigned>& open) const;
  [[nodiscard]] bool asked_grant_of(const node_id& n) const { return granted_by_.contains(n); }
  void withdrawn() { granted_by_.clear(); }  // all was given back
  void finished() { states_ = {}; }          // some hundred leaf sets that nobody asks for again

  [[nodiscard]] const node_id& first() const noexcept { return first_; }  // through whom the latest attempt went
  [[nodiscard]] core::time_point asked_at() const noexcept { return asked_at_; }
  [[nodiscard]] core::time_point until() const noexcept { return until_; }

 private:
  using probed_node = std::pair<node_id, leaf_set_state>;
  enum class wait : std::uint8_t { admission, probes, grant, named };  // named: of those whom the neighbours have named

  [[nodiscard]] action ask_rows(const node_id& at, places where, core::time_point now);
  [[nodiscard]] action probe(const moment& m);
  [[nodiscard]] action find_sides();
  [[nodiscard]] action ask_grant(const node_id& of, const moment& m);
  [[nodiscard]] action judge_grant(const moment& m);
  [[nodiscard]] action granted(bool by_it, const moment& m);
  [[nodiscard]] std::pair<node_id, node_id> sides() const;  // the next on each, in the order of their Node-IDs

  const ring_view& ring_;
  node_id first_, at_;
  places where_;  // `at_` is, by the words of the one before
  bool by_link_ = false;
  std::optional<core::error> missed_;  // why it did not answer
  unsigned hops_ = 0;
  core::time_point asked_at_{};
  unsigned refused_ = 0;  // by the root `at_`
  core::time_point until_{};
  wait for_ = wait::admission;
  std::pair<node_id, node_id> two_;  // its neighbours-to-be
  node_id asking_;                   // one of them, for its grant
  bool granted_ = false;             // by both
  std::set<node_id> granted_by_;     // who grants this node now, or was asked for it
  std::vector<probed_node> states_;  // of each node that has answered
};

}  // namespace phyllo::overlay
