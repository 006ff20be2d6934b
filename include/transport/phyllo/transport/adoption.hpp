// Paths for datagrams that others have found (an ICE agent's pair, RFC 8445), made authenticated ones by DTLS: for a link, or for a session
// that is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

// Who sends the ClientHello (RFC 4145 s.4). In RELOAD who answers an Attach is active (RFC 6940 s.6.5.1.1).
enum class dtls_role : std::uint8_t { active, passive };

struct adoption {
  dtls_role role = dtls_role::active;
  std::optional<identity::node_id> expected;  // errc::wrong_peer for any other node
};

// Hears of one session, on its executor. It may destroy the session from inside a call.
class session_observer {
 public:
  virtual ~session_observer() = default;
  virtual void on_datagram(core::byte_view data) = 0;  // valid during the call
  virtual void on_closed(const core::error& why) = 0;  // the last call; by the peer, or the path
};

// Datagrams between two nodes that have shown each other their certificates: each comes once, or not at all, in any order. All calls on its
// executor; its destructor closes it, and the path.
class datagram_session {
 public:
  virtual ~datagram_session() = default;
  // `o` (null: nobody) outlives the session, or is replaced. What comes before somebody hears waits, with no more than the path's own
  // bound.
  virtual void observe(session_observer* o) = 0;
  virtual core::status send(core::byte_view data) = 0;  // errc::closed; errc::too_large: more than bytes_max()
  [[nodiscard]] virtual std::size_t bytes_max() const noexcept = 0;
  [[nodiscard]] virtual const identity::certificate& peer() const noexcept = 0;  // checked by trust
  [[nodiscard]] virtual endpoint remote() const = 0;
};

}  // namespace phyllo::transport
