// What depends on whether a person sits before the command: prompts and progress.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "phyllo/core/result.hpp"

namespace phyllo::command {

// From a prompt without echo (asked twice) if standard input is a terminal, else its first line. node::errc::usage when it
// is empty or the two differ.
[[nodiscard]] core::result<std::string> read_password(const std::string& user);

// "LABEL 120/1000" on standard error, rewritten in place, at most ten times a second; silent unless it is a terminal.
class progress {
 public:
  explicit progress(std::string label);
  ~progress();  // clears the line
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void show(std::size_t done, std::size_t total);  // total 0: unknown
  void clear();                                    // before anything else is printed

 private:
  std::string label_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace phyllo::command
