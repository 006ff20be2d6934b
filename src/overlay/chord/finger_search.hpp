// How a Chord node comes by fingers that it lacks (RFC 6940 s.10.7.4.2): peers that Updates have named are flagged (alternative 2), and
// where there is none a random point of the finger's range is asked (alternative 1).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "chord/chord_schedule.hpp"
#include "chord/finger_table.hpp"

namespace phyllo::overlay {

class finger_search {
 public:
  // An Update has named `n`: it might be a finger that is missing. The last one named for a finger is kept.
  void flag(const finger_table& fingers, const node_id& n);
  void forget(const node_id& n);  // it does not answer

  // One of those `missing`, which rise: "search from i=1, and each time an invalid entry is encountered [take it] with probability 0.5".
  [[nodiscard]] static std::optional<unsigned> choose(const std::vector<unsigned>& missing, chord_random& random);
  // Who was flagged for finger i, once.
  [[nodiscard]] std::optional<node_id> take(unsigned i);

 private:
  std::map<unsigned, node_id> flagged_;  // by finger
};

}  // namespace phyllo::overlay
