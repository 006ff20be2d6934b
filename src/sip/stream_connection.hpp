// One connection that SIP goes over (RFC 3261 s.18, RFC 7118): what waits to be written, what of a message has come, and until when more
// has to come.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <tuple>

#include "stream_framing.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

// Protocol, remote end and the name that its certificate was checked for.
using reuse_key = std::tuple<protocol, transport::endpoint, std::string>;

struct stream_connection {
  struct outgoing {
    std::string bytes;
    std::uint64_t token = 0;
  };

  flow_id id = flow_id::none;
  reuse_key key;
  std::optional<identity::node_id> node;              // of phyllo-sip: who is, or must be, at the other end
  std::shared_ptr<const identity::certificate> peer;  // its certificate, once the handshake is over
  std::unique_ptr<transport::stream> stream;          // null while it is being opened
  std::unique_ptr<transport::websocket> websocket;    // or this
  std::deque<outgoing> queue;                         // the front one is being written
  std::size_t queued_bytes = 0;
  bool closed = false;
  bool ending = false;         // the peer says no more: it hears its answers, and that is all
  std::size_t unanswered = 0;  // requests that have come and have no final response
  stream_framing framing;
  core::time_point active_at;                                // the last byte, either way
  core::time_point message_begun = core::time_point::max();  // max: none is incomplete
  std::unique_ptr<core::timer> signal;                       // wakes the writer
  std::unique_ptr<core::timer> answered;                     // while ending: when something was written

  void close();
  void keep(bool kept);
  void use();                          // it has brought something of use
  void tell_held();                    // the host, which bounds what all streams together make us hold
  [[nodiscard]] source where() const;  // its messages are from; of one that is open
  // Until when the next byte must have come.
  [[nodiscard]] core::time_point read_deadline(const transport_options& o) const;
};

}  // namespace phyllo::sip
