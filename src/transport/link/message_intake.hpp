// The receiving half of a link: what it acknowledges (RFC 6940 s.6.6.2), and the messages that come of it, whole and each once. No sockets
// and no clock; what it drops it counts.
#pragma once

#include <cstdint>
#include <optional>

#include "link/fragmentation.hpp"
#include "link/frame_receiver.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/metrics.hpp"

namespace phyllo::transport {

class message_intake {
 public:
  // Both are shared with other links, and outlive it.
  message_intake(reassembly_pool& pool, core::metrics& m);

  [[nodiscard]] const receive_state& state() const noexcept { return receiver_.state(); }
  [[nodiscard]] core::bytes acknowledge(std::uint32_t sequence);  // the frame that says so
  // The message that `part` is, or is the last missing fragment of; nothing: none is whole by it. It lies in `part`, or in `made`.
  // `datagrams`: what came before may come again.
  [[nodiscard]] std::optional<core::byte_view> take(core::byte_view part, bool datagrams, core::time_point now, core::bytes& made);

 private:
  reassembly_pool& pool_;
  core::metrics& metrics_;
  frame_receiver receiver_;
  reassembler reassembler_;
};

}  // namespace phyllo::transport
