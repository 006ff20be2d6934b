// RouteQuery(probe) by links: this node tells another its LeafSetState, and asks for that one's (specification of the Pastry plug-in,
// bodies).
#pragma once

#include <cstdint>
#include <map>

#include "pastry/own_state.hpp"
#include "reload/messenger.hpp"

namespace phyllo::overlay {

class probe_observer {
 public:
  virtual ~probe_observer() = default;
  // Once for each: as messenger::request gives it.
  virtual void on_probe_answered(const node_id& n, const core::result<answer>& a) = 0;
};

class state_probes {
 public:
  // All references outlive it.
  state_probes(core::environment& env, own_state& own, messenger& messages, probe_observer& up)
      : env_(env), own_(own), messenger_(messages), up_(up) {}

  void send(const node_id& n, std::uint8_t flags = 0);  // returns at once
  void reconcile(const node_id& n) {                    // unless it is asked already
    if (!open(n)) send(n);
  }
  [[nodiscard]] bool open(const node_id& n) const { return open_.contains(n); }
  [[nodiscard]] const std::map<node_id, unsigned>& open() const noexcept { return open_; }  // how many to each

 private:
  core::environment& env_;
  own_state& own_;
  messenger& messenger_;
  probe_observer& up_;
  std::map<node_id, unsigned> open_;
};

}  // namespace phyllo::overlay
