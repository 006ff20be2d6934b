// What a node reckons of the whole ring from what it sees: how often nodes fail, and so how often its routing table is to be probed
// (MSPastry, Castro, Costa & Rowstron 2004, s.4.1 "self-tuning").
//
// Differences from the paper:
// - Each node goes by its own estimate; estimates are not exchanged.
#pragma once

#include <cstddef>
#include <deque>

#include "phyllo/core/time.hpp"

namespace phyllo::overlay {

// Failures of nodes that this one watches: a rate for one node.
class failure_history {
 public:
  static constexpr std::size_t failures_max = 16;

  // Began to watch.
  void begin(core::time_point now) { failures_.assign(1, now); }
  void note(core::time_point now);
  // Failures a second of one node, of `watched` that are watched. With few of them so far, as if one were to come now.
  [[nodiscard]] double rate(core::time_point now, std::size_t watched) const;

 private:
  std::deque<core::time_point> failures_;  // the first: since when
};

struct probe_tuning {
  double ring_size = 1;
  double failure_rate = 0;  // of one node, a second
  unsigned digit_bits = 4;
  core::duration leaf_set_period{};  // Tls
  core::duration detection{};        // from the first unanswered probe to FAILED
};

// Trt: how long an entry of the routing table may go unheard of, so that a look-up meets a dead node on its way with a chance of at most 5
// %
// ("raw loss rate"), within [30 s, 15 min].
[[nodiscard]] core::duration table_probe_period(const probe_tuning& t);

}  // namespace phyllo::overlay
