// What a node holds of the overlay's records, and what it knows of who else does: what requests are answered from.
#pragma once

#include <optional>
#include <vector>

#include "kinds/kind.hpp"
#include "reload/surroundings.hpp"
#include "storage/replica_store.hpp"

namespace phyllo::overlay {

class held_records {
 public:
  virtual ~held_records() = default;
  [[nodiscard]] virtual replica_store& store() noexcept = 0;
  [[nodiscard]] virtual const replica_store& store() const noexcept = 0;
  [[nodiscard]] virtual const std::vector<kind>& kinds() const noexcept = 0;
  [[nodiscard]] virtual bool is_root(const resource_id& resource) const = 0;    // this node is responsible
  [[nodiscard]] virtual bool stands_in(const resource_id& resource) const = 0;  // or acts so while who is may be dead
  [[nodiscard]] virtual std::vector<node_id> other_holders(const resource_id& resource) const = 0;
  // What answers tell of it beside RELOAD's own; nothing: the overlay has no such extension. `holders`: known to hold it, self included.
  [[nodiscard]] virtual std::optional<extension> state_of(const resource_id& resource, unsigned holders = 0) const = 0;
};

}  // namespace phyllo::overlay
