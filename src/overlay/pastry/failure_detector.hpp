// When a suspect is asked again, and when it is given up (specification of the Pastry plug-in, peer failure):
// OK -> SUSPECT, a probe, another after 2 RTO; after 3 RTO more a Ping through two neighbours; then FAILED. Of whom another node tells
// so: two probes, and FAILED after 3 RTO. Any sign of
// life: OK. A link sends what it carries again until it is acknowledged: few messages ask many times.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

// Why a node is under suspicion.
enum class suspicion : std::uint8_t {
  overdue,  // its link owes an ACK, and is sending again already
  silent,   // it owed a heartbeat
  closed,   // its link has broken
  told,     // another node has found it failed, and has asked it through others
};

class failure_detector {
 public:
  enum class action {
    probe,           // RouteQuery(probe) by its link, or a new link if there is none
    probe_indirect,  // Ping by source route through two leaf-set neighbours: perhaps only our link is broken
    fail,            // gone: the caller forgets it
  };
  struct step {
    node_id node;
    action what;
    suspicion why;
  };

  // False: it is a suspect already; told of it, too, this node is sure sooner. The first probe is due at once, or after an RTO when its
  // link is sending again.
  bool suspect(const node_id& n, core::time_point now, core::duration rto, suspicion why);
  // True: it was a suspect.
  bool alive(const node_id& n) { return suspects_.erase(n) > 0; }
  [[nodiscard]] bool suspected(const node_id& n) const { return suspects_.contains(n); }
  [[nodiscard]] bool empty() const noexcept { return suspects_.empty(); }

  [[nodiscard]] std::vector<step> due(core::time_point now);
  [[nodiscard]] core::time_point next_due() const;  // max: nothing

 private:
  struct state {
    core::duration rto;
    suspicion why;
    unsigned steps = 0;
    core::time_point next;
  };
  [[nodiscard]] static step advance(const node_id& n, state& s);
  [[nodiscard]] static step advance_told(const node_id& n, state& s);

  std::map<node_id, state> suspects_;
};

}  // namespace phyllo::overlay
