// Members of the leaf set that acknowledge and talk, and never answer: they can not hear, and for those who need them they are not there
// (specification of the Pastry plug-in, deaf members). Pure.
#pragma once

#include <chrono>

#include "pastry/ring_view.hpp"

namespace phyllo::overlay {

class deaf_members {
 public:
  static constexpr unsigned unanswered_max = 2;                            // probes, one after the other: six seconds and more
  static constexpr core::duration asked_every = std::chrono::seconds(10);  // one that was given up, when it says something

  enum class hearing {
    fine,       // or of no concern
    ask_again,  // one that is busy answers the next
    deaf,
  };

  explicit deaf_members(ring_view& ring) : ring_(ring) {}  // which outlives it

  // A probe of `n` was answered, or was not in its time.
  [[nodiscard]] hearing note(const node_id& n, bool answered, core::time_point now);
  // A request that went to `n` by its link came to nothing: it is to be asked.
  [[nodiscard]] bool doubts(const node_id& n) const;
  // It has been given up, and says something: it is to be asked whether it hears now.
  [[nodiscard]] bool may_hear(const node_id& n, core::time_point now);

 private:
  ring_view& ring_;
};

}  // namespace phyllo::overlay
