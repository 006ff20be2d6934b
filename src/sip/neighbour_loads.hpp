// How much less each supernode wants to be sent, as it has said (RFC 7339 s.5.4, s.5.5: the client's part). Pure.
#pragma once

#include "overload_report.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/identity/node_id.hpp"

namespace phyllo::sip {

class neighbour_loads {
 public:
  static constexpr std::size_t nodes_max = 4'096;
  static constexpr core::duration in_flight = std::chrono::seconds(5);

  explicit neighbour_loads(const core::hash_key& key) : nodes_(nodes_max, key) {}

  // One that is older than what was heard within `in_flight` is passed over. It holds until its validity has passed, or a newer one comes.
  void heard(const identity::node_id& from, const overload_report& r, core::time_point now);
  // Of requests that begin something: the share that it wants to be sent now; 1: all of them.
  [[nodiscard]] double wanted(const identity::node_id& by, core::time_point now) const;

 private:
  struct state {
    std::uint64_t sequence = 0;
    double share = 1;       // that it wants
    core::time_point at{};  // when it was heard
    core::time_point until{};
  };
  core::bounded_map<identity::node_id, state> nodes_;
};

}  // namespace phyllo::sip
