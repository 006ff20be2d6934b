// What is measured while a storm lasts: the load of the supernodes, and whether one of them falls silent.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "phyllo/sim/ring.hpp"
#include "plot.hpp"

namespace phyllo::simulate {

class storm_watch {
 public:
  explicit storm_watch(sim::ring& r) : ring_(r) {}

  void begin();  // forgets what was measured
  void end() { running_ = 0; }

  [[nodiscard]] double mean_rate() const;  // messages that came to a living supernode, a second
  [[nodiscard]] double peak_rate() const;  // of any one, in any second
  [[nodiscard]] std::size_t overrun() const { return m_.overrun; }
  // Seconds that a supernode with messages waiting sent nothing, at the most.
  [[nodiscard]] double longest_silence() const;
  // Each living supernode is asked every five seconds by another: the share that answered in five.
  [[nodiscard]] std::uint64_t asked() const { return m_.asked; }
  [[nodiscard]] std::uint64_t unanswered() const { return m_.unanswered; }
  [[nodiscard]] plot load() const;

 private:
  struct state {
    std::uint64_t received = 0, sent = 0, refused = 0;
    std::uint64_t received_second = 0;
    core::duration silent{};
    bool overrun = false;
  };
  core::awaitable<void> sample(unsigned run);
  core::awaitable<void> ask_all(unsigned run);
  core::awaitable<void> ask(sim::node& from, sim::node& whom);
  void look(const sim::node& n, bool whole_second);

  struct measured {
    std::uint64_t received = 0, peak = 0;
    std::uint64_t asked = 0, unanswered = 0;
    std::size_t overrun = 0;
    double supernode_seconds = 0;
    core::duration silence{};
    std::vector<std::pair<double, double>> mean_line, peak_line;
  };

  sim::ring& ring_;
  std::map<unsigned, state> states_;  // by host
  core::time_point began_{};
  unsigned running_ = 0;  // which run; 0: none
  unsigned runs_ = 0;
  std::uint64_t second_ = 0, second_peak_ = 0;
  measured m_;
};

}  // namespace phyllo::simulate
