// Nodes that come and go under look-ups, after MSPastry's evaluation (Castro, Costa & Rowstron, DSN 2004, s.5): what one run is given, and
// what it has measured.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/sim/issuer.hpp"

namespace phyllo::simulate {

// A line of a trace: what happens to which node, and when.
struct churn_event {
  enum class kind : std::uint8_t { join, leave, kill };
  core::duration at{};
  kind what = kind::join;
  std::uint64_t node = 0;
};

// `time_s join|leave|kill node` a line, times rising, nodes numbered by whoever wrote it; # begins a comment.
// Throws std::runtime_error with file, line and what is wrong there.
[[nodiscard]] std::vector<churn_event> read_churn_trace(const std::string& file);

// From `at` on for `lasts` a share of the hosts does not reach the rest.
struct partition {
  core::duration at{};
  core::duration lasts{};
  double share = 0.5;
};

struct churn_conditions {
  std::string name;
  std::size_t nodes = 2000;
  core::duration session = std::chrono::seconds(8280);  // mean of an exponential distribution; 2.3 h, as in Gnutella
  std::vector<churn_event> trace;                       // if there is one, instead of sessions
  std::vector<partition> partitions;
  double leaving = 0;  // of those that go, how many say so; the others are killed
  double loss = 0;
  std::uint64_t lookups = 100'000;
  double rate = 0.01;  // look-ups a second and node
  std::string topology = "flat";
  core::duration skew{};  // wall clocks are wrong by up to so much
  double malicious = 0;   // of the nodes, how many drop what they should forward
  unsigned sends = 5;     // of a look-up, end to end; 1 as in MSPastry
  bool resets = false;    // a killed process's links break at once; else its host falls silent
};

// What was seen in one span of the run, for plots.
struct churn_window {
  double hours = 0;
  std::uint64_t lookups = 0, lost = 0, wrong = 0;
  double messages = 0;  // a second and node: maintenance
  double active = 0;
  double stretch = 0;
};

struct churn_outcome {
  std::uint64_t lookups = 0;      // ended, and their originators lived to see it
  std::uint64_t abandoned = 0;    // their originators did not
  std::uint64_t lost = 0;         // no answer came
  std::uint64_t undelivered = 0;  // of those lost: no node took them for its own
  std::uint64_t deliveries = 0, wrong = 0;
  std::uint64_t merging_wrong = 0, merging_roots = 0;  // while the sides of a partition that has healed were two rings still
  std::uint64_t late = 0;                              // answered after a second and more: sent more than once
  std::uint64_t joins = 0, joins_failed = 0, departures = 0;
  double node_seconds = 0;
  double active = 0;  // mean
  double hops = 0, stretch = 0, delay_ms = 0, join_seconds = 0;
  std::map<std::string, double> messages;  // a second and node, by code; look-ups' own apart
  double lookup_messages = 0;              // a second and node
  std::vector<churn_window> windows;
  std::vector<std::string> broken;  // invariants: what was found, at most ten
  double virtual_hours = 0;
  double wall_seconds = 0;

  [[nodiscard]] double maintenance() const;
};

[[nodiscard]] churn_outcome run_churn(const churn_conditions& c, std::uint64_t seed, sim::crypto crypto, bool check);

}  // namespace phyllo::simulate
