// Watches that a root holds open (storage.md, N): a Fetch that is to be answered once something has changed.
#pragma once

#include <cstddef>
#include <map>

#include "phyllo/core/environment.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class watch_table {
 public:
  struct limits {
    std::size_t watches_max = 10'000;        // held open at this node
    std::size_t watches_per_node_max = 256;  // of these, of one watcher; more are answered at once
  };
  explicit watch_table(limits l) : limits_(l) {}

  // One held watch, for as long as this lives. `alarm` is cancelled whenever the watch is to look again, and outlives it.
  class place {
   public:
    place(watch_table& table, const resource_id& resource, const node_id& watcher, core::timer& alarm)
        : table_(table), resource_(resource), watcher_(watcher), alarm_(&alarm), held_(table.add(resource, watcher, alarm)) {}
    ~place() {
      if (held_) table_.remove(resource_, watcher_, alarm_);
    }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    [[nodiscard]] bool held() const noexcept { return held_; }  // false: there are too many

   private:
    watch_table& table_;
    resource_id resource_;
    node_id watcher_;
    core::timer* alarm_;
    bool held_;
  };

  void changed(const resource_id& resource);  // wakes those who watch it
  void wake_all();                            // the ring has changed: another may be the root
  [[nodiscard]] std::size_t size() const noexcept { return watches_.size(); }

 private:
  [[nodiscard]] bool add(const resource_id& resource, const node_id& watcher, core::timer& alarm);
  void remove(const resource_id& resource, const node_id& watcher, const core::timer* alarm);

  limits limits_;
  std::multimap<resource_id, core::timer*> watches_;
  std::map<node_id, std::size_t> by_watcher_;
};

}  // namespace phyllo::overlay
