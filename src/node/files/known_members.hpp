// With whom this node is in the ring, kept on disk: by that its members know each other when all have been down, and form the ring again
// without any special node.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

class known_members {
 public:
  // Who is gone for so long, while this node was in the ring, does not count any more: neither when it is stopped for good, nor when it
  // has died. Nodes that are stopped one after the other, as the whole ring is, count to the last.
  static constexpr core::duration remembered = std::chrono::minutes(10);

  // `kept` is what an earlier start has left; `now`: this node has just become active.
  known_members(const std::vector<identity::node_id>& kept, core::time_point now);

  void see(const std::vector<identity::node_id>& members, core::time_point now);  // the leaf set
  [[nodiscard]] std::vector<identity::node_id> all() const;                       // in order

 private:
  std::map<identity::node_id, core::time_point> seen_;
};

// Nothing: there is no such file, so the node was never in the ring, or its directory is not whole. disk's io, also if
// what stands there is no list of Node-IDs.
[[nodiscard]] core::result<std::optional<std::vector<identity::node_id>>> load_known_members(const configuration& c);
core::status save_known_members(const configuration& c, const std::vector<identity::node_id>& members);

}  // namespace phyllo::node
