// Which connections of phyllo-sip there are to which supernodes (RFC 5923: used both ways, whoever opened them). Pure.
//
// The two ends may open one each at the same time; both are good then. A node has a few at most, so that one certificate does not fill
// the table: one more, and the oldest is to be closed.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "phyllo/identity/node_id.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

class node_connections {
 public:
  static constexpr std::size_t of_one_node_max = 4;

  // The one that is to be closed for it, if there is one.
  [[nodiscard]] std::optional<flow_id> add(const identity::node_id& node, flow_id flow);
  void remove(const identity::node_id& node, flow_id flow);
  // The one used first, so that requests to a node stay in order.
  [[nodiscard]] std::optional<flow_id> find(const identity::node_id& node) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::map<identity::node_id, std::vector<flow_id>> of_node_;  // in the order of their making
  std::size_t size_ = 0;
};

}  // namespace phyllo::sip
