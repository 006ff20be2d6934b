// What a node does with the records of its overlay, wherever they are held: the seed's API (overlay.hpp) and the entries of any Kind
// (usages.hpp), of one overlay.
#pragma once

#include <chrono>
#include <vector>

#include "kinds/kind.hpp"
#include "phyllo/core/awaitable.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "phyllo/overlay/usages.hpp"

namespace phyllo::overlay {

class record_operations {
 public:
  virtual ~record_operations() = default;

  // As in overlay.hpp.
  virtual core::awaitable<core::result<outcome>> get(name n, read_options o) = 0;
  virtual core::awaitable<core::result<outcome>> add(name n, record r, std::chrono::seconds lifetime, write_options o) = 0;
  virtual core::awaitable<core::result<outcome>> update(name n, record r, std::chrono::seconds lifetime, write_options o) = 0;
  virtual core::awaitable<core::result<outcome>> remove(name n, write_options o) = 0;
  virtual core::awaitable<core::result<outcome>> watch(name n, watch_options o) = 0;

  // As in usages.hpp.
  virtual core::awaitable<core::result<outcome>> store_entry(kind_id kind, resource_id resource, kind_entry e,
                                                             std::chrono::seconds lifetime, core::duration timeout) = 0;
  virtual core::awaitable<core::result<std::vector<kind_value>>> fetch_entries(kind_id kind, resource_id resource,
                                                                               core::duration timeout) = 0;
  virtual core::awaitable<core::result<resource_id>> find_resource(kind_id kind, resource_id near, core::duration timeout) = 0;
};

}  // namespace phyllo::overlay
