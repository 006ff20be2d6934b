// A UDP port, as those use it who serve a protocol there: what came to it, and what leaves from it.
#pragma once

#include <span>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

struct incoming_datagram {
  endpoint from;
  core::byte_view data;  // valid during the call that tells of it
  core::duration age{};  // how long it lay in its socket, as the kernel has it (SO_TIMESTAMPNS)
};

struct outgoing_datagram {
  endpoint to;
  core::byte_view data;
};

// All calls on its executor.
class datagram_port {
 public:
  virtual ~datagram_port() = default;
  // A full socket buffer drops the datagram, which is counted, and is no error. errc::closed, errc::too_large.
  virtual core::status send(const endpoint& to, core::byte_view data) = 0;
  // The same of many, in their order, with few system calls. One that is too_large does not hold up the others.
  virtual core::status send_batch(std::span<const outgoing_datagram> batch) = 0;
  [[nodiscard]] virtual const endpoint& local() const noexcept = 0;
};

// Takes what comes to ports. Calls come on the host's executor. An answer leaves by `port`, which is where it was expected to come from
// (RFC 8489 s.6.3.1, RFC 3581 s.4).
class datagram_service {
 public:
  virtual ~datagram_service() = default;
  virtual void on_datagram(datagram_port& port, const incoming_datagram& d) = 0;
};

}  // namespace phyllo::transport
