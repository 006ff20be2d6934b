// The sockets or connections of a load: what a machine writes goes out by them, and what comes is read to it.
#pragma once

#include <string>
#include <vector>

#include "machine.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::load {

class ways : public outbox {
 public:
  // Of each way: "192.0.2.1:5060".
  [[nodiscard]] virtual std::vector<std::string> locals() const = 0;
  virtual void flush() = 0;
  // Until something can be read, or the time has come.
  virtual void wait(core::time_point until) = 0;
  // Gives the machine what came; at most so much that its clock is asked again soon.
  virtual void receive(machine& m) = 0;
  // The system's words for the first message that it did not take; empty: it took all.
  [[nodiscard]] virtual const std::string& trouble() const noexcept = 0;
};

[[nodiscard]] inline core::time_point clock_now() noexcept { return std::chrono::steady_clock::now(); }

}  // namespace phyllo::load
