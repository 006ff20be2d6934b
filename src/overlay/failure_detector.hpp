// When a suspect is asked again, and when it is given up (specification of the Pastry plug-in, peer failure):
// OK -> SUSPECT, probes at once, after RTO and after 2 RTO more; after another 4 RTO a Ping through two neighbours;
// then FAILED. Any sign of life: OK.
#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

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
  };

  // False: it is a suspect already. The first probe is due at once.
  bool suspect(const node_id& n, core::time_point now, core::duration rto);
  // True: it was a suspect.
  bool alive(const node_id& n) { return suspects_.erase(n) > 0; }
  [[nodiscard]] bool suspected(const node_id& n) const { return suspects_.contains(n); }
  [[nodiscard]] bool empty() const noexcept { return suspects_.empty(); }

  [[nodiscard]] std::vector<step> due(core::time_point now);
  [[nodiscard]] core::time_point next_due() const;  // max: nothing

 private:
  struct state {
    core::duration rto;
    unsigned steps = 0;
    core::time_point next;
  };
  [[nodiscard]] static step advance(const node_id& n, state& s);

  std::map<node_id, state> suspects_;
};

}  // namespace phyllo::overlay
