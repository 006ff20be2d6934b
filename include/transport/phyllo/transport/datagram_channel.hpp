// A path for datagrams between two endpoints: a UDP socket's share, or a path found by ICE. DTLS runs over it.
#pragma once

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

// Hears of one channel, on its executor. It may destroy the channel from inside a call.
class datagram_receiver {
 public:
  virtual ~datagram_receiver() = default;
  virtual void on_datagram(core::byte_view data) = 0;  // valid during the call
  virtual void on_unreachable() = 0;                   // a hard ICMP error, which anybody may forge
  // A peer that has lost its state, and has proved that it receives, begins anew: false if there is nothing settled to give up,
  // and the datagram is for on_datagram. After true the channel is closed.
  virtual bool supersede() { return false; }
};

// All calls on its executor.
class datagram_channel {
 public:
  virtual ~datagram_channel() = default;  // nothing is heard after it

  // `r` must outlive the channel, or be replaced by null.
  virtual void receive(datagram_receiver* r) = 0;
  // A full socket buffer drops the datagram and is no error. errc::closed, errc::too_large.
  virtual core::status send(core::byte_view data) = 0;
  [[nodiscard]] virtual endpoint local() const = 0;
  [[nodiscard]] virtual endpoint remote() const = 0;
};

}  // namespace phyllo::transport
