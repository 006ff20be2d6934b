// What a bad path does to packets, pure and seeded: delay, jitter, loss, duplication, reordering, and a narrow MTU that says nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <vector>

namespace phyllo::testing {

struct wire_options {
  std::chrono::milliseconds delay{0};   // one way
  std::chrono::milliseconds jitter{0};  // added, 0 to this; packets keep their order
  double loss = 0;                      // shares of packets, 0 to 1
  double duplicate = 0;
  double reorder = 0;               // held back so that later ones pass
  std::size_t mtu = 65535;          // larger ones vanish without ICMP
  std::size_t packets_max = 10000;  // under way; more are dropped, as a router's queue does
};

// One direction of a wire.
class wire {
 public:
  using clock = std::chrono::steady_clock;
  using packet = std::vector<std::uint8_t>;
  static constexpr std::chrono::milliseconds held_back{30};

  wire(const wire_options& o, std::uint64_t seed) : options_(o), dice_(seed) {}

  void put(packet p, clock::time_point now);
  // The next packet that has arrived by `now`.
  [[nodiscard]] std::optional<packet> take(clock::time_point now);
  [[nodiscard]] std::optional<clock::time_point> next() const;  // arrival; nothing: the wire is empty

  struct counts {
    std::uint64_t carried = 0, lost = 0, duplicated = 0, reordered = 0, too_large = 0;
  };
  [[nodiscard]] const counts& counted() const noexcept { return counts_; }

 private:
  struct travelling {
    clock::time_point arrives;
    std::uint64_t number;  // equal times keep their order
    packet data;
    friend bool operator<(const travelling& a, const travelling& b) {
      return a.arrives != b.arrives ? a.arrives > b.arrives : a.number > b.number;
    }
  };

  bool chance(double share) { return std::uniform_real_distribution<double>()(dice_) < share; }
  void send(packet p, clock::time_point now);

  wire_options options_;
  std::mt19937_64 dice_;
  std::priority_queue<travelling> under_way_;  // first to arrive on top
  clock::time_point last_;                     // arrival of what was not held back
  std::uint64_t number_ = 0;
  counts counts_;
};

}  // namespace phyllo::testing
