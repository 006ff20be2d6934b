#include "phyllo/sim/event_queue.hpp"

#include <algorithm>
#include <cassert>

namespace phyllo::sim {
namespace {

constexpr std::size_t children = 4;

}  // namespace

void event_queue::put(std::size_t place, const entry& e) noexcept {
  heap_[place] = e;
  e.what->place_ = static_cast<std::uint32_t>(place);
}

void event_queue::rise(std::size_t place, entry e) noexcept {
  while (place > 0) {  // ends at the root
    const auto parent = (place - 1) / children;
    if (!e.before(heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, e);
}

void event_queue::sink(std::size_t place, entry e) noexcept {
  while (true) {  // ends at a leaf
    const auto first = place * children + 1;
    const auto end = std::min(first + children, heap_.size());
    if (first >= end) break;
    auto least = first;
    for (auto i = first + 1; i < end; ++i) {
      if (heap_[i].before(heap_[least])) least = i;
    }
    if (!heap_[least].before(e)) break;
    put(place, heap_[least]);
    place = least;
  }
  put(place, e);
}

void event_queue::schedule(event& e, core::time_point when) {
  const entry in{when, scheduled_++, &e};
  if (!e.scheduled()) {
    heap_.push_back(in);
    return rise(heap_.size() - 1, in);
  }
  if (const std::size_t place = e.place_; in.before(heap_[place])) {
    rise(place, in);
  } else {
    sink(place, in);
  }
}

void event_queue::remove(event& e) noexcept {
  if (!e.scheduled()) return;
  const std::size_t place = e.place_;
  assert(heap_[place].what == &e);
  e.place_ = event::nowhere;
  const auto last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  if (place > 0 && last.before(heap_[(place - 1) / children])) {
    rise(place, last);
  } else {
    sink(place, last);
  }
}

event& event_queue::take() {
  auto& first = *heap_.front().what;
  remove(first);
  return first;
}

void event_queue::drop_all() noexcept {
  while (!heap_.empty()) take().drop();  // ends with the heap: what is dropped schedules nothing
}

}  // namespace phyllo::sim
