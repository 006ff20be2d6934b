// The search for the highest rate at which nothing fails (RFC 7502 s.4.10: a rate grows until a run fails, then halves of
// the gap are tried). Pure: it is told how each run went.
#pragma once

#include <cstdint>
#include <optional>

namespace phyllo::load {

class rate_search {
 public:
  // From `first` a second, until what failed and what did not are nearer than `precision` of the rate. `most`: not beyond.
  rate_search(double first, double precision, double most) : next_(first), precision_(precision), most_(most) {}

  // The rate of the next run; nothing: the search is over.
  [[nodiscard]] std::optional<double> next() const noexcept;
  void tell(bool clean) noexcept;
  // The highest rate of a clean run; 0: none was clean.
  [[nodiscard]] double best() const noexcept { return best_; }

 private:
  static constexpr double growth = 2;
  static constexpr double least = 1;  // a second

  double next_;
  double precision_;
  double most_;
  double best_ = 0;
  double failed_ = 0;  // the lowest rate that failed; 0: none
  bool over_ = false;
};

}  // namespace phyllo::load
