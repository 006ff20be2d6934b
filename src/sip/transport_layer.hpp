// SIP over UDP, TCP and TLS (RFC 3261 s.18), over WebSockets that phones open (RFC 7118), and between supernodes over TLS with both ends'
// overlay certificates (phyllo-sip, sip.md): sends, reuses connections, and hands what arrives upward.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "message.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/sip/service_settings.hpp"
#include "phyllo/transport/doors.hpp"
#include "phyllo/transport/host_settings.hpp"
#include "phyllo/transport/websocket.hpp"

namespace phyllo::sip {

enum class protocol : std::uint8_t { udp, tcp, tls, ws, wss };

[[nodiscard]] constexpr bool reliable(protocol p) noexcept { return p != protocol::udp; }
[[nodiscard]] constexpr bool secure(protocol p) noexcept { return p == protocol::tls || p == protocol::wss; }
// Where nothing names a port (RFC 3261 s.19.1.2).
inline constexpr std::uint16_t sip_port = 5060;
inline constexpr std::uint16_t sips_port = 5061;
[[nodiscard]] constexpr std::uint16_t default_port(protocol p) noexcept { return secure(p) ? sips_port : sip_port; }
// RFC 7118 s.5.2: only the client opens, so there is no way to it but its own connection.
[[nodiscard]] constexpr bool over_websocket(protocol p) noexcept { return p == protocol::ws || p == protocol::wss; }
[[nodiscard]] std::string_view name_of(protocol p) noexcept;                                 // "UDP", as Via has it
[[nodiscard]] std::optional<protocol> protocol_of(std::string_view via_transport) noexcept;  // without case

// Names one stream of this process' life; never used again. A binding keeps it to name the flow it came by
// (RFC 5626); nothing is kept alive by it.
enum class flow_id : std::uint64_t { none = 0 };

// Where a message came from.
struct source {
  protocol by = protocol::udp;
  transport::endpoint remote;
  transport::endpoint local;
  flow_id flow = flow_id::none;  // none: UDP
  // Of phyllo-sip: the node at the other end, as its certificate said in the handshake. Null: anybody.
  std::shared_ptr<const identity::certificate> peer{};
  // Of a datagram that another shard has passed on: what that knew of its address (transport_layer::proven, room_for). Nothing: ask here.
  struct standing_there {
    bool proven = false;
    std::size_t room = 0;
  };
  std::optional<standing_there> standing{};
};

// Where a message is to go.
struct destination {
  protocol by = protocol::udp;
  transport::endpoint at;        // not looked at when the flow is alive
  flow_id flow = flow_id::none;  // tried first
  bool flow_only = false;        // RFC 5626: errc::unreachable when the flow is gone; UDP stays UDP, whatever the size
  std::string server_name;       // TLS: the name that the certificate must have; empty: not checked
  // By phyllo-sip to this node and no other: over a connection that is there, whoever opened it, or one that is opened to `at`.
  std::optional<identity::node_id> node;
  bool authority = false;  // that node is known to have authority for the domain
};

// Hears what arrives. Calls come on the executor, never from inside send().
class transport_user {
 public:
  virtual ~transport_user() = default;
  // Within the limits and parsed. Requests bear received/rport already. May have a defect().
  virtual void on_message(message m, const source& from) = 0;
  // A send with this token (not 0) could not be done: the connection failed, or closed with the message unsent.
  virtual void on_send_failed(std::uint64_t token, const core::error& why) = 0;
  virtual void on_flow_closed(flow_id flow) = 0;
};

// Sees each message before it is parsed, while there is more to do than can be done.
class doorkeeper {
 public:
  enum class entry : std::uint8_t {
    admitted,
    refused,  // to be answered with refusal_of() it
    dropped,
  };
  virtual ~doorkeeper() = default;
  virtual void waited(core::duration wait) = 0;  // a datagram, until it was read
  // `proven` as transport_layer has it; `age`: how long it has waited, as far as that is known.
  [[nodiscard]] virtual entry enter(std::string_view text, const source& from, bool proven, core::duration age) = 0;
  [[nodiscard]] virtual std::string refusal_of(std::string_view request) = 0;  // empty: it is not answered
  // A response is about to go to this supernode: may be changed.
  virtual void leaving(std::string& response, const identity::node_id& to) = 0;
};

struct transport_options {
  std::uint8_t shard = 0;          // flows' numbers begin with it
  std::string advertised_address;  // in Via, a name or a literal; empty: the host's first one
  transport::host_ports ports;     // the host's
  rate_settings rates;
  std::size_t streams_max = 20'000;
  std::size_t nodes_max = 4'096;                   // of phyllo-sip, beside those
  std::size_t write_queue_bytes_max = 256 * 1024;  // a stream
  core::duration open_timeout = std::chrono::seconds(5);
  core::duration write_timeout = std::chrono::seconds(10);
  core::duration idle_timeout = std::chrono::seconds(900);    // without a byte in either direction
  core::duration message_timeout = std::chrono::seconds(10);  // from a message's first byte to its last
  transport::tls_client_options tls;                          // for streams that we open; the name is the destination's
};

class transport_layer {
 public:
  // References must outlive it. Who serves text at the doors is the caller, who passes datagrams and streams on.
  [[nodiscard]] static std::unique_ptr<transport_layer> create(core::environment& env, transport::doors& doors, transport_options o,
                                                               core::metrics& m, core::logger log);
  virtual ~transport_layer() = default;
  virtual void observe(transport_user* user) = 0;  // null: nobody

  // How long to leave a stream unread after a message of this source: so its sender waits, and nothing is lost. It counts as it is asked.
  virtual void pace_streams(std::function<core::duration(const source&)>) {}

  // Whether a datagram of this address is read; it counts as it is asked, and who says no says so in a metric.
  virtual void limit_datagrams(std::function<bool(const asio::ip::address& from)>) {}

  virtual void keep_door(doorkeeper*) {}  // null: everybody gets in; it outlives the layer's stop()

  // Queues one message (copied). errc::overloaded (a bound), errc::unreachable (the flow is gone), errc::closed.
  // What fails later is told by on_send_failed if `token` is not 0.
  virtual core::status send(const destination& to, core::byte_view bytes, std::uint64_t token) = 0;

  [[nodiscard]] virtual std::string sent_by(protocol p) const = 0;  // "192.0.2.1:5060", for Via
  [[nodiscard]] virtual bool alive(flow_id flow) const = 0;
  virtual void close_flow(flow_id flow) = 0;  // what is queued for it is lost; nothing happens if it has closed

  // A registered phone's connection, or no longer one: it is not closed to make room for newcomers (transport::stream::keep).
  virtual void keep_flow(flow_id flow, bool kept) = 0;

  // This source has shown that it hears us: it answered a challenge, or a request of ours. By UDP nobody else gets more than
  // 1.5 times what he sends (response_budget).
  virtual void prove(const source& from) = 0;
  [[nodiscard]] virtual bool proven(const source&) const { return true; }
  // How many bytes a final response to there may have now.
  [[nodiscard]] virtual std::size_t room_for(const source&) const { return std::numeric_limits<std::size_t>::max(); }

  // From the doors.
  virtual void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) = 0;
  virtual void on_stream(std::unique_ptr<transport::stream> s) = 0;
  virtual void on_websocket(std::unique_ptr<transport::websocket> w) = 0;

  virtual core::awaitable<void> stop() = 0;  // closes all streams, joins; before destruction
};

}  // namespace phyllo::sip
