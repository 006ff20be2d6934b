// How the routing table comes by near nodes (Rowstron & Druschel 2001, s.2.4 and s.2.5). On joining, rows of each node on the way; then, of
// each row, what the nearest nodes in it have there themselves, a few times at growing intervals; and of a random one every 20 minutes.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "pastry/lost_nodes.hpp"
#include "pastry/ring_view.hpp"
#include "pastry/state_asker.hpp"
#include "pastry/table_candidates.hpp"
#include "pastry/topology_messages.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "reload/link_maker.hpp"

namespace phyllo::overlay {

struct table_parts {
  core::environment& env;
  ring_view& ring;
  link_table& links;
  link_maker& making;
  messenger& messages;
  const lost_nodes& lost;
  core::metrics& metrics;
};

class table_filling {
 public:
  // `choosy`: near nodes are of more use (peer_options::replica_choice). All references outlive it.
  table_filling(const table_parts& parts, bool choosy, state_asker& up);

  void halt() { scope_.cancel(); }  // it does nothing any more
  core::awaitable<void> stop();     // and joins its coroutines

  [[nodiscard]] std::vector<table_row> my_rows(unsigned first, unsigned last) const;
  // Of rows that `from` has told, which is so far `away`; zero: unknown.
  void consider(const node_id& from, core::duration away, const std::vector<table_row>& rows);
  void consider(const node_id& from, const std::vector<table_row>& rows) { consider(from, distance_to(from), rows); }
  void offer(table_candidate c) { candidates_.offer(std::move(c)); }
  void fill();                           // links candidates, once this node is active
  void tried(const node_id& candidate);  // it has answered, or not

  void compare_rows();                    // with those that are nearest in each
  void exchange_rows();                   // with any
  void repair_slot(const node_id& lost);  // at once, if there is somebody
  void repair_rows();                     // of slots that are empty since

 private:
  core::awaitable<void> take_candidates();
  bool worth_a_link(const table_candidate& c);
  void compare_once_filled();
  void tell_rows(const node_id& mate, const std::vector<table_row>& rows);
  void ask_row(const node_id& mate, unsigned row);
  void ask_somebody(unsigned row);
  [[nodiscard]] core::duration distance_to(const node_id& n) const;  // zero: unknown

  table_parts parts_;
  bool choosy_;
  state_asker& up_;
  core::counter& rows_asked_;
  core::counter& entries_tried_;
  table_candidates candidates_;
  std::set<routing_table::slot> empty_slots_;  // to be repaired
  unsigned filling_ = 0;                       // coroutines that link them
  bool compared_ = false;                      // rows, with those that are near, when those named on the way were taken
  core::task_scope scope_;
};

}  // namespace phyllo::overlay
