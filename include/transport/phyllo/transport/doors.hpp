// What a host offers to those who serve a protocol at it: what arrives, by its kind; ports to send from; streams to others. It knows no
// protocol: the first bytes say of which kind something is (RFC 7983), and a kind is for whoever serves it.
#pragma once

#include <asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/transport/datagram_filter.hpp"
#include "phyllo/transport/datagram_port.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::transport {

// Of a datagram, by its first bytes.
enum class datagram_kind : std::uint8_t {
  stun,  // 0-3 with the magic cookie
  dtls,  // 20-63
  turn,  // STUN of TURN's methods; ChannelData: 64-79, and 80-127 (RFC 5766) where its length is right
  text,  // SIP: a method, a status line, or the empty lines of a keep-alive
};
inline constexpr std::size_t datagram_kinds = 4;

// Of an accepted stream, by its first bytes or its ALPN, inside TLS where there is TLS.
enum class stream_kind : std::uint8_t {
  stun,  // TURN over TCP and TLS begins so, too
  text,  // SIP
  http,
  link,  // TLS in which both ends have shown overlay certificates, and the client asks for a link
};
inline constexpr std::size_t stream_kinds = 4;

class stream_service {
 public:
  virtual ~stream_service() = default;
  // Nothing of what its peer has said is consumed, but TLS's handshake.
  virtual void on_stream(std::unique_ptr<stream> s) = 0;
};

// How an outbound TLS stream checks the server. With ALPN phyllo-sip or phyllo-reload (open_tls only) the overlay
// certificate is shown and the server's checked by trust; the rest is then ignored.
struct tls_client_options {
  std::string server_name;  // SNI and the name checked; empty: the certificate must name the address
  std::vector<std::string> alpn;
  std::optional<identity::node_id> expected;  // with an overlay's ALPN: errc::wrong_peer for any other node
  std::vector<std::string> anchors_pem;       // empty with `verify`: the system's store
  bool verify = true;
};

class doors {
 public:
  virtual ~doors() = default;

  // From now on what is of that kind is for `by`, whichever port it comes to; null: nobody's, and dropped and counted. A service outlives
  // the host's stop(), or is replaced by null.
  virtual void serve(datagram_kind kind, datagram_service* by) = 0;
  virtual void serve(stream_kind kind, stream_service* by) = 0;

  // The UDP ports that others know, in the order in which they were opened. They live as long as the host.
  [[nodiscard]] virtual std::vector<datagram_port*> ports() const = 0;
  // A further UDP port, of the caller's own: all that comes to it is for `by`, whatever its kind, and nobody else has looked at it. Where
  // it may send to (may_dial) is for the caller to ask. `at` of port 0: any that is free. It is closed, and `by` hears no more, when the
  // last reference goes, which may be inside a call to `by`, and is before the host's stop(). address_in_use, not_permitted, refused (no
  // address of this host).
  virtual core::result<std::shared_ptr<datagram_port>> open_port(const endpoint& at, datagram_service& by) = 0;

  // Asks `to` for a Binding by STUN, from one of ports(); `answered` is called if it answers within two seconds, and so has shown that it
  // receives. Of more than 1024 at a time the oldest is given up.
  static constexpr std::size_t probe_bytes = 20;
  virtual void probe(datagram_port& from, const endpoint& to, std::function<void()> answered) = 0;

  // Has the kernel drop such shares at all of ports(); shares of nothing end it. The rule must be the same in all calls. Of those ports:
  // how many it has dropped since the last call, and how full the fullest is.
  virtual socket_load shed(const drop_rule& rule, const drop_shares& dropped) = 0;

  // Where others reach this host, best first: what it binds, or what is advertised for it.
  [[nodiscard]] virtual std::vector<asio::ip::address> addresses() const = 0;
  // Whether `to` is an address to dial because of what others have said (address_policy). What opens a connection asks it, and how much was
  // sent there of late: refused, overloaded.
  [[nodiscard]] virtual bool may_dial(const endpoint& to) const = 0;
  virtual core::awaitable<core::result<std::unique_ptr<stream>>> open_tcp(endpoint to, core::time_point deadline) = 0;
  virtual core::awaitable<core::result<std::unique_ptr<stream>>> open_tls(endpoint to, tls_client_options o, core::time_point deadline) = 0;
};

}  // namespace phyllo::transport
