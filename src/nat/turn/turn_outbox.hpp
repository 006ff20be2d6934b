// Datagrams that wait to leave together: so many that came in one batch leave by few system calls, in their order at each port.
#pragma once

#include <array>
#include <vector>

#include "phyllo/transport/datagram_port.hpp"

namespace phyllo::nat {

class turn_outbox {
 public:
  static constexpr std::size_t datagrams_max = 64;
  static constexpr std::size_t octets_max = 128 * 1024;

  turn_outbox() : octets_(octets_max) {}

  // True: it is the first that waits, so somebody has to call flush() soon. What does not fit any more leaves first. The port must live
  // until then.
  [[nodiscard]] bool put(transport::datagram_port& by, const core::endpoint& to, core::byte_view data);
  void flush();
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

 private:
  std::array<transport::datagram_port*, datagrams_max> ports_{};
  std::array<transport::outgoing_datagram, datagrams_max> waiting_;
  std::vector<std::uint8_t> octets_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;  // of octets_
};

}  // namespace phyllo::nat
