// The next timers of many transactions: a heap from which what was set anew is taken out when its old time comes.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "phyllo/core/time.hpp"

namespace phyllo::sip {

class transaction_schedule {
 public:
  struct item {
    core::time_point when;
    std::uint64_t id = 0;
    friend bool operator>(const item& a, const item& b) noexcept { return a.when > b.when; }
  };

  void add(core::time_point when, std::uint64_t id) { heap_.push({when, id}); }
  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] core::time_point next() const noexcept { return heap_.empty() ? core::time_point::max() : heap_.top().when; }
  [[nodiscard]] item take() {
    const auto first = heap_.top();
    heap_.pop();
    return first;
  }

 private:
  std::priority_queue<item, std::vector<item>, std::greater<>> heap_;
};

}  // namespace phyllo::sip
