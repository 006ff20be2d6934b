// What carries a link's frames once authenticated: DTLS over a datagram channel, or TLS over TCP.
#pragma once

#include "link/frame.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/ladder.hpp"

namespace phyllo::transport {

// Hears of one carrier; it may drop the carrier from inside a call.
class carrier_owner {
 public:
  virtual ~carrier_owner() = default;
  virtual void on_frame(core::byte_view frame) = 0;
  virtual void on_writable() = 0;                     // writable() was false and is true again
  virtual void on_ended(const core::error& why) = 0;  // the last call
};

class frame_carrier {
 public:
  virtual ~frame_carrier() = default;
  virtual void attach(carrier_owner* owner) = 0;  // null: nobody hears any more
  virtual core::status send_frame(core::byte_view frame) = 0;
  [[nodiscard]] virtual bool writable() const noexcept = 0;
  virtual void close() = 0;  // tells the peer; the owner hears nothing of it

  [[nodiscard]] virtual link_kind kind() const noexcept = 0;
  [[nodiscard]] virtual rung by() const noexcept = 0;                      // of one that others opened: dtls or tls
  [[nodiscard]] virtual std::size_t frame_bytes_max() const noexcept = 0;  // without being cut by IP or refused
  [[nodiscard]] virtual const identity::certificate& peer() const noexcept = 0;
  [[nodiscard]] virtual link_token token() const = 0;  // known to both ends alone
  [[nodiscard]] virtual endpoint local() const = 0;
  [[nodiscard]] virtual endpoint remote() const = 0;
};

}  // namespace phyllo::transport
