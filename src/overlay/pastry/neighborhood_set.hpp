// The neighborhood set M: the |M| linked nodes nearest by round-trip time (Rowstron & Druschel 2001, s.2.1).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class neighborhood_set {
 public:
  struct entry {
    node_id node;
    core::duration rtt{};
  };

  explicit neighborhood_set(std::size_t size) : size_(size) {}

  void insert(const node_id& n, core::duration rtt) {
    erase(n);
    entries_.reserve(size_ + 1);
    const auto farther = [](core::duration r, const entry& e) { return r < e.rtt; };
    entries_.insert(std::upper_bound(entries_.begin(), entries_.end(), rtt, farther), {n, rtt});
    if (entries_.size() > size_) entries_.pop_back();
  }
  void erase(const node_id& n) {
    std::erase_if(entries_, [&](const entry& e) { return e.node == n; });
  }
  [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }  // nearest first

 private:
  std::size_t size_;
  std::vector<entry> entries_;
};

}  // namespace phyllo::overlay
