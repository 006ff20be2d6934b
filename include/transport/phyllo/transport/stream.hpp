// A byte stream over TCP or TLS, accepted or opened.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/core/turn.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

// All calls on its executor. One read and one write at a time. Views and spans must live until the await completes.
class stream {
 public:
  virtual ~stream() = default;  // closes

  // At least one byte, or errc::closed (final), errc::timed_out (harmless, nothing lost).
  virtual core::awaitable<core::result<std::size_t>> read(std::span<std::uint8_t> into, core::time_point deadline) = 0;
  // All of `data`; errc::closed, errc::timed_out (the stream is then unusable).
  virtual core::awaitable<core::status> write(core::byte_view data, core::time_point deadline) = 0;
  // Completes pending reads and writes with errc::closed.
  virtual void close() = 0;

  // Of an accepted one, while a host makes room for newcomers. Something came that is worth its place: those that were idle longer go
  // first. And: who is at the other end is known (a registered phone), or is no longer; a known one makes room for nobody.
  virtual void use() {}
  virtual void keep([[maybe_unused]] bool known) {}
  // What its user keeps for the peer now, in bytes: half of a message, answers that wait. When all of a host's hold too much, the one is
  // closed that holds most.
  virtual void hold([[maybe_unused]] std::size_t bytes) {}
  // Lets others run: for who has worked a turn long (core::turn) on what came, and had to wait for nothing. A stranger who has one turn
  // after the other rests longer, for a few milliseconds: so strangers that send as fast as they can leave most of the thread to others.
  virtual core::awaitable<void> rest() { return core::next_turn(); }

  [[nodiscard]] virtual endpoint local() const = 0;
  [[nodiscard]] virtual endpoint remote() const = 0;
  [[nodiscard]] virtual bool secure() const noexcept = 0;     // TLS
  [[nodiscard]] virtual std::string alpn() const = 0;         // empty: none
  [[nodiscard]] virtual std::string server_name() const = 0;  // SNI; empty: none
  // The overlay node at the other end: checked by trust in the handshake. Null: nobody who showed an overlay certificate. Valid as long as
  // the stream.
  [[nodiscard]] virtual const identity::certificate* peer() const { return nullptr; }
};

}  // namespace phyllo::transport
