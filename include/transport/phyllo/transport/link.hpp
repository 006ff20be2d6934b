// Authenticated, message-oriented links between overlay nodes: RELOAD framing (RFC 6940 s.6.6.2) over DTLS or TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/ladder.hpp"

namespace phyllo::transport {

class link;

// Hears of one or many links. Calls come on the link's executor, never from inside a call into the link.
// A view is valid during the call.
class link_observer {
 public:
  virtual ~link_observer() = default;
  virtual void on_message(link& l, core::byte_view message) = 0;  // one whole frame's content
  virtual void on_acknowledged(link& l, std::uint64_t token) = 0;
  // The link's RTO, clamp(SRTT + 4 RTTVAR, 50 ms, 1 s), has passed without an ACK for the first time. The link goes
  // on retransmitting (RFC 6940 s.6.6.3); on_acknowledged may still follow.
  virtual void on_overdue(link& l, std::uint64_t token) = 0;
  virtual void on_closed(link& l, const core::error& why) = 0;  // the last call; the peer, the network or close()
};

// Messages come unordered, as RFC 6940 has them, and rarely twice: a message whose ACKs were lost for 900 ms is heard
// again. RELOAD messages of any size are fragmented and reassembled below. All calls on its executor; no call blocks. Dropping the last
// reference closes it without an on_closed.
class link {
 public:
  virtual ~link() = default;

  // From now on `o` (null: nobody) hears; what arrived before waits for it (bounded). `o` must outlive the link or
  // be replaced by null.
  virtual void observe(link_observer* o) = 0;

  // Queues one message (at most max_message bytes) in the window. `token` is the caller's and comes back in
  // on_acknowledged/on_overdue; 0 asks for neither. errc::overloaded when the bounded queue is full, errc::closed,
  // errc::too_large.
  virtual core::status send(core::byte_view message, std::uint64_t token) = 0;

  virtual void close() = 0;

  [[nodiscard]] virtual const identity::certificate& peer() const noexcept = 0;  // checked by trust
  [[nodiscard]] virtual endpoint remote() const = 0;
  [[nodiscard]] virtual link_kind kind() const noexcept = 0;
  // The rung of the fallback ladder that it stands on now; of one that the peer dialled: dtls or tls.
  [[nodiscard]] virtual rung by() const noexcept { return kind() == link_kind::dtls ? rung::dtls : rung::tls; }
  [[nodiscard]] virtual bool open() const noexcept = 0;
  [[nodiscard]] virtual core::duration rtt() const noexcept = 0;  // SRTT; zero before the first sample
  [[nodiscard]] virtual core::duration rto() const noexcept = 0;  // as clamped above
};

// Hears of links that others open to us.
class link_acceptor {
 public:
  virtual ~link_acceptor() = default;
  virtual void on_link(std::shared_ptr<link> l) = 0;
};

// What an overlay needs below it: a real host, or a simulated network.
class link_layer {
 public:
  virtual ~link_layer() = default;

  // Races the candidates, and the rungs of the fallback ladder that follow from them (staggered, best first, but the
  // one that won in this network before all), and returns the first link that authenticates. With `expected` the
  // peer's certificate must carry that Node-ID (wrong_peer). Errors: timed_out, refused, handshake_failed,
  // certificate_rejected, wrong_peer, overloaded. Terminal cancellation abandons it. Over TLS 1.3 the peer judges our
  // certificate after we are done: its refusal arrives as on_closed.
  virtual core::awaitable<core::result<std::shared_ptr<link>>> connect(std::vector<candidate> to, std::optional<identity::node_id> expected,
                                                                       core::time_point deadline) = 0;

  virtual void accept(link_acceptor* a) = 0;  // null: refuse new links

  // Where others can dial this node (advertised addresses), best first.
  [[nodiscard]] virtual std::vector<candidate> candidates() const = 0;
};

}  // namespace phyllo::transport
