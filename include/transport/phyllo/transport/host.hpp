// One node's sockets: what it listens on, what it opens, and the links over them. Every port speaks every protocol: the demultiplexer looks
// at the first bytes (RFC 7983), then ALPN, then at the bytes inside TLS, and gives what came to whoever serves its kind (doors).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/transport/address_prefix.hpp"
#include "phyllo/transport/adoption.hpp"
#include "phyllo/transport/datagram_channel.hpp"
#include "phyllo/transport/doors.hpp"
#include "phyllo/transport/host_settings.hpp"
#include "phyllo/transport/ladder.hpp"
#include "phyllo/transport/link.hpp"
#include "phyllo/transport/moved_connection.hpp"
#include "phyllo/transport/steering.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::transport {

// A further address that a host listens on, and, behind a 1:1 NAT, the one that others dial for it.
struct bound_address {
  asio::ip::address address;
  std::optional<asio::ip::address> advertised;
};

// One of several hosts of a node, one a shard, that have the same ports.
struct shard_place {
  unsigned index = 0;  // its ports are opened after those of the hosts before it, which stay open as long as it does
  // A connection is for another one's host: links are for the first, and whom a load balancer forwards is for his shard (host::steer).
  std::function<void(unsigned shard, moved_connection c)> pass_on{};
};

struct host_options {
  asio::ip::address address;                     // sockets bind it, outbound ones too
  std::string advertised_address;                // empty: `address`
  std::vector<bound_address> further_addresses;  // all ports are opened there too
  std::vector<address_prefix> named;             // by the operator, as peers: dialled whatever their scope (address_policy)
  std::vector<address_prefix> proxies;           // load balancers: their connections begin with a PROXY header (version 2)
  host_limits limits;
  host_ports ports;
  core::duration handshake_timeout = std::chrono::seconds(5);
  core::duration link_idle_timeout = std::chrono::seconds(60);  // of a link that nobody observes; others end when the overlay says
  ladder_options ladder;
  std::optional<shard_place> shard;  // nothing: it has its ports alone
  rung_memory rungs;                 // which rung won in which network, as kept by keep_rungs
  // Hears the secrets of every connection, a line each in the form of NSS's key log, for who reads a capture. Empty: off.
  std::function<void(std::string_view)> key_log;
  std::function<void(const rung_memory&)> keep_rungs;  // hears of changes; empty: they are forgotten with the host
};

// PEM of what non-overlay TLS clients see (P-256 or RSA).
struct web_certificate {
  std::string chain_pem;
  std::string key_pem;
};

// Whether a host, or a client, could use them. errc::malformed.
[[nodiscard]] core::status check(const web_certificate& web);
[[nodiscard]] core::status check_anchors(const std::vector<std::string>& anchors_pem);

class host : public link_layer, public doors {
 public:
  // Opens all ports: address_in_use (probed once without SO_REUSEPORT), not_permitted, with the port in the detail.
  // `env`, `metrics`, `trust` must outlive it; without a credential (`nullptr`) no overlay links are made or taken.
  [[nodiscard]] static core::result<std::unique_ptr<host>> open(core::environment& env, host_options options,
                                                                std::shared_ptr<const identity::credential> credential,
                                                                const identity::trust& trust, web_certificate web, core::metrics& metrics,
                                                                core::logger log);

  // Makes a link of a path that somebody else has found. It is the caller's: link_acceptor hears of it no more than of one that connect()
  // made; and it stays on its path. DTLS begins at once, if this end is the active one; the path was proved by whoever found it. Errors as
  // those of connect(). Terminal cancellation abandons it; before stop() it has returned, or was cancelled.
  virtual core::awaitable<core::result<std::shared_ptr<link>>> adopt(std::unique_ptr<datagram_channel> path, adoption how,
                                                                     core::time_point deadline) = 0;
  // The same for a session that is no link, of a protocol of that name in ALPN, which the other end takes too.
  virtual core::awaitable<core::result<std::unique_ptr<datagram_session>>> adopt_session(std::unique_ptr<datagram_channel> path,
                                                                                         std::string alpn, adoption how,
                                                                                         core::time_point deadline) = 0;
  // Swaps certificates; open connections keep theirs.
  virtual core::status replace_web_certificate(web_certificate web) = 0;
  virtual void replace_limits(const host_limits& limits) = 0;
  virtual void replace_credential(std::shared_ptr<const identity::credential> credential) = 0;
  // Every link's decrypted frames, both ways, for the overlay_pcap of [debug]. Empty: off.
  using frame_tap = std::function<void(const endpoint& from, const endpoint& to, link_kind, core::byte_view frame)>;
  virtual void tap_frames(frame_tap tap) = 0;
  // Of the first of several hosts: what comes to its ports goes to their hosts, as that says; until then all goes to the first. Of the
  // others: how those choose that the first has told. refused: the kernel does not know how, and all goes to the first.
  virtual core::status steer(const steering& by) = 0;
  // A connection that another one's host has accepted (shard_place::pass_on).
  virtual void take(moved_connection c) = 0;
  // Closes listeners, then links and streams; joins all its coroutines. Call before destruction.
  virtual core::awaitable<void> stop() = 0;
};

// A connector without listeners, for clients (CLI enrollment, tests): binds `address` (unspecified: any).
[[nodiscard]] core::awaitable<core::result<std::unique_ptr<stream>>> open_tls_stream(core::environment& env, asio::ip::address bind,
                                                                                     endpoint to, tls_client_options o,
                                                                                     core::time_point deadline);
[[nodiscard]] core::awaitable<core::result<std::unique_ptr<stream>>> open_tcp_stream(core::environment& env, asio::ip::address bind,
                                                                                     endpoint to, core::time_point deadline);

// The same for a server that may stand behind firewalls: through the proxy first where there is one, then straight, then by
// Upgrade on `ladder.http` (a supernode's login and bootstrap server answer it). `to.address` may be unspecified where only a
// proxy knows `o.server_name`. Each way has its share of the time.
[[nodiscard]] core::awaitable<core::result<std::unique_ptr<stream>>> open_tls_stream_by_ladder(core::environment& env,
                                                                                               asio::ip::address bind, endpoint to,
                                                                                               tls_client_options o, ladder_options ladder,
                                                                                               core::time_point deadline);

}  // namespace phyllo::transport
