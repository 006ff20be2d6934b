// When a Pastry node does what it does by the clock (specification of the Pastry plug-in, upkeep). Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "phyllo/core/time.hpp"

namespace phyllo::overlay {

class upkeep_schedule {
 public:
  enum class job : std::uint8_t {
    links,     // those that nobody needs are closed
    forget,    // what is old
    table,     // its entries are probed
    rows,      // are compared with others'
    seek,      // a node that was lost
    seek_far,  // one of those given at the start
    compare,   // views, with the left neighbour
  };

  void plan(job j, core::time_point at) noexcept { due_[index(j)] = at; }
  void hasten(job j, core::time_point at) noexcept { due_[index(j)] = std::min(due_[index(j)], at); }
  [[nodiscard]] bool due(job j, core::time_point now) const noexcept { return now >= due_[index(j)]; }
  [[nodiscard]] core::time_point at(job j) const noexcept { return due_[index(j)]; }

  // What is asked for beside the jobs: a look at neighbours, clocks, grants.
  void look_at(core::time_point t) noexcept { look_ = std::min(look_, t); }
  void looked() noexcept { look_ = core::time_point::max(); }

  // `active`: with what only a member of the ring does.
  [[nodiscard]] core::time_point next_due(bool active) const noexcept {
    auto t = std::min({look_, at(job::links), at(job::forget)});
    if (active) t = std::min({t, at(job::table), at(job::rows), at(job::seek)});
    return t;  // seek_far and compare are done when something else is
  }

 private:
  static constexpr std::size_t jobs = 7;
  static constexpr std::size_t index(job j) noexcept { return static_cast<std::size_t>(j); }

  std::array<core::time_point, jobs> due_{};
  core::time_point look_{};
};

}  // namespace phyllo::overlay
