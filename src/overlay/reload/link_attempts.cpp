#include "reload/link_attempts.hpp"

namespace phyllo::overlay {

// Both have sent an Attach: that of the larger Node-ID goes on.
bool link_attempts::yields_to_mine(const node_id& n) const {
  const auto mine = attaching_.find(n);
  if (mine == attaching_.end()) return false;
  return mine->second == phase::answered || n < self_;
}

}  // namespace phyllo::overlay
