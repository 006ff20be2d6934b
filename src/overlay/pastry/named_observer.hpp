// Who hears that one node names another.
#pragma once

#include <cstddef>

#include "phyllo/overlay/name.hpp"
#include "reload/places.hpp"

namespace phyllo::overlay {

class named_observer {
 public:
  virtual ~named_observer() = default;
  // `n` is the one at `index` of those whose places are in `named`.
  virtual void on_named(const node_id& n, const node_id& by, const place_list& named, std::size_t index) = 0;
};

}  // namespace phyllo::overlay
