// The receiving half of Simple Reliability (RFC 6940 s.6.6.2): what to acknowledge, and what was delivered before.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "link/frame.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/fifo.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::transport {

class frame_receiver {
 public:
  // Retransmissions bear new sequence numbers, so a doubled message is known by its content only. The memory is
  // shorter than overlay-reliability-timer (1 s): after that time the same bytes are an end-to-end retransmission, which
  // must pass.
  static constexpr core::duration duplicate_memory = std::chrono::milliseconds(900);
  static constexpr std::size_t duplicates_max = 1024;

  explicit frame_receiver(core::duration kept = duplicate_memory) : memory_(kept) {}

  // Notes a received sequence number and gives the bitmask for its ACK.
  [[nodiscard]] std::uint32_t received(std::uint32_t sequence) noexcept;

  [[nodiscard]] const receive_state& state() const noexcept { return state_; }

  // True the first time, and again once forgotten.
  [[nodiscard]] bool fresh(core::byte_view message, core::time_point now);

 private:
  struct delivery {
    std::size_t hash = 0;
    core::time_point at{};
  };

  core::duration memory_;
  // "The receiver MUST keep track of the 32 most recent sequence numbers received on this association." More of them are
  // kept, for the sake of moves.
  receive_state state_;
  core::fifo<delivery> delivered_;
  std::unordered_set<std::size_t> hashes_;
};

}  // namespace phyllo::transport
