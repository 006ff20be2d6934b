// A queue that costs nothing while it is empty: std::deque holds 600 bytes even then, and a host has several of these for
// each of its many thousand links.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace phyllo::core {

// First in, first out, in one block of memory. All amortised O(1); references hold until the next push_back or pop_front.
template <class T>
class fifo {
 public:
  fifo() = default;
  fifo(fifo&& other) noexcept : items_(std::move(other.items_)), first_(std::exchange(other.first_, 0)) { other.items_.clear(); }
  fifo& operator=(fifo&& other) noexcept {
    items_ = std::exchange(other.items_, {});
    first_ = std::exchange(other.first_, 0);
    return *this;
  }

  [[nodiscard]] bool empty() const noexcept { return first_ == items_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size() - first_; }
  [[nodiscard]] T& front() noexcept { return items_[first_]; }
  [[nodiscard]] T& back() noexcept { return items_.back(); }
  [[nodiscard]] auto begin() const noexcept { return std::next(items_.begin(), static_cast<std::ptrdiff_t>(first_)); }
  [[nodiscard]] auto end() const noexcept { return items_.end(); }

  void push_back(T item) { items_.push_back(std::move(item)); }

  void pop_front() {
    items_[first_++] = T();  // what it held goes now
    if (empty()) {
      drop_front();
      if (items_.capacity() > kept_capacity) items_.shrink_to_fit();
    } else if (first_ > items_.size() / 2) {
      drop_front();  // as many as were taken before stay, at most: each item is moved once on average
    }
  }

  void clear() { *this = fifo(); }

 private:
  static constexpr std::size_t kept_capacity = 16;  // of an empty one

  void drop_front() {
    items_.erase(items_.begin(), std::next(items_.begin(), static_cast<std::ptrdiff_t>(first_)));
    first_ = 0;
  }

  std::vector<T> items_;
  std::size_t first_ = 0;
};

}  // namespace phyllo::core
