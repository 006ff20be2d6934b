// What a TURN server has its shell do. The shell does it during the call, and may call nothing of the server meanwhile.
#pragma once

#include <cstdint>

#include "phyllo/core/bytes.hpp"
#include "turn/five_tuple.hpp"

namespace phyllo::nat {

// A relay port, from its opening until its closing; numbers are used again.
using relay_number = std::uint32_t;

class turn_actions {
 public:
  virtual ~turn_actions() = default;
  // From the server's end of the five-tuple. Over a stream the data is whole messages, padded.
  virtual void to_client(const five_tuple& to, core::byte_view data) = 0;
  // `whole`: with the DF bit, where sets_df().
  virtual void to_peer(relay_number from, const core::endpoint& peer, core::byte_view data, bool whole) = 0;
  // Whether a datagram can have the DF bit that others of its port have not (RFC 8656 s.7.2, check 4).
  [[nodiscard]] virtual bool sets_df() const noexcept { return false; }
  // False: the port can not be had, as when another program has it.
  virtual bool open_relay(relay_number n, const core::endpoint& at) = 0;
  virtual void close_relay(relay_number n) = 0;
};

}  // namespace phyllo::nat
