// How far a long run is: a bar that moves on a terminal, nothing elsewhere. On standard error, so that reports stay clean.
#pragma once

#include <chrono>
#include <string>

namespace phyllo::simulate {

class progress {
 public:
  explicit progress(std::string what);
  ~progress();  // clears its line
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void at(double done, double of);

 private:
  std::string what_;
  bool terminal_;
  std::chrono::steady_clock::time_point began_, shown_{};
};

}  // namespace phyllo::simulate
