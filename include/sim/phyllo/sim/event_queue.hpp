// What is to happen, by time: a heap of four children a node, whose entries know their places, so that a timer that is
// set anew leaves nothing behind. Of equal times the one scheduled first comes first: a run depends on its seed alone.
#pragma once

#include <cstdint>
#include <vector>

#include "phyllo/core/time.hpp"

namespace phyllo::sim {

// Something that happens at a time. It stays where it is while it is scheduled; its owner takes it off before it goes.
class event {
 public:
  event() = default;
  event(const event&) = delete;
  event& operator=(const event&) = delete;
  virtual ~event() = default;

  virtual void fire() = 0;         // it is not scheduled any more, and may schedule or delete itself
  virtual void drop() noexcept {}  // the world ends first: one that owns itself deletes itself

  [[nodiscard]] bool scheduled() const noexcept { return place_ != nowhere; }

 private:
  friend class event_queue;
  static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
  std::uint32_t place_ = nowhere;
};

class event_queue {
 public:
  ~event_queue() { drop_all(); }

  void schedule(event& e, core::time_point when);  // anew, if it is scheduled already
  void remove(event& e) noexcept;                  // nothing, if it is not scheduled
  void drop_all() noexcept;

  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }
  [[nodiscard]] core::time_point next() const noexcept { return heap_.empty() ? core::time_point::max() : heap_.front().when; }
  event& take();  // the first one; not empty

 private:
  struct entry {
    core::time_point when;
    std::uint64_t order;
    event* what;
    [[nodiscard]] bool before(const entry& other) const noexcept { return when != other.when ? when < other.when : order < other.order; }
  };
  void put(std::size_t place, const entry& e) noexcept;
  void rise(std::size_t place, entry e) noexcept;
  void sink(std::size_t place, entry e) noexcept;

  std::vector<entry> heap_;
  std::uint64_t scheduled_ = 0;
};

}  // namespace phyllo::sim
