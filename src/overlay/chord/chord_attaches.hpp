// Attaches of one Chord node by Node-ID: which are under way, and whom it does not try again yet. Others name nodes as they like, also such
// as are not there.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class chord_attaches {
 public:
  static constexpr std::size_t open_max = 32;     // as many as two full tables name
  static constexpr std::size_t failed_max = 256;  // the one that failed longest ago makes room
  static constexpr std::size_t again_max = 32;
  static constexpr unsigned tries_max = 3;                              // without being named again
  static constexpr core::duration pause_min = std::chrono::seconds(1);  // after a failure, and twice as long after each one more
  static constexpr core::duration pause_max = std::chrono::seconds(64);

  struct attempt {
    node_id node;
    std::optional<node_id> via;
  };

  explicit chord_attaches(const core::hash_key& key) : failed_(failed_max, key) {}

  // Nothing speaks against it: none is under way, and it has not failed lately.
  [[nodiscard]] bool may_try(const node_id& n, core::time_point now) const;
  // False: it may not be tried, or too many are under way.
  bool begin(const attempt& a, core::time_point now);
  void succeeded(const node_id& n);
  // An Attach, or a link. `again`: it is to be tried again without being named, in case a message was lost, or the link alone.
  void failed(const node_id& n, bool again, core::time_point now);
  [[nodiscard]] bool under_way() const noexcept { return !open_.empty(); }

  [[nodiscard]] std::vector<attempt> take_due(core::time_point now);  // to be tried again
  [[nodiscard]] core::time_point next_due() const;                    // max: nothing

 private:
  struct failure {
    core::time_point until{};
    unsigned times = 0;
  };
  struct planned {
    core::time_point at{};
    std::optional<node_id> via;
  };

  std::map<node_id, std::optional<node_id>> open_;  // and through whom
  core::bounded_map<node_id, failure> failed_;
  std::map<node_id, planned> again_;
};

}  // namespace phyllo::overlay
