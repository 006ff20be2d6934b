// The SIP service of one supernode: registrar and proxy for standard phones; callees are found through the overlay.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/domain_keyring.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "phyllo/sip/service_settings.hpp"
#include "phyllo/sip/shard_exchange.hpp"
#include "phyllo/transport/doors.hpp"
#include "phyllo/transport/host_settings.hpp"
#include "phyllo/transport/websocket.hpp"

namespace phyllo::sip {

struct service_options : service_settings {
  std::vector<std::string> domains;                            // this node has authority for
  std::function<bool(const asio::ip::address&)> is_supernode;  // of the ring, as far as it is known
  std::string advertised_address;                              // in Via and Record-Route; empty: the host's
  std::vector<std::string> anchors_pem;                        // of servers that are dialled by name over TLS; empty: the system's
  // Names of hosts by which phones may mean this node or another: what its certificate is good for ("*.example.com" too), and others that
  // it has not from strangers. Such a name in a Route or a Request-URI is taken for this node.
  std::vector<std::string> host_names;
  transport::host_ports ports;  // the host's: SIP is spoken at all of them, so a Route that names one means this node
  identity::node_id self;
  std::string bindings;                                      // of an earlier process of this node, as service::take_bindings gave them
  std::function<bool(const identity::node_id&)> has_failed;  // the overlay has found that node dead; empty: nothing is known
  // Of `domains`: what tokens and nonces are made of (sip.md, "Keys"). Null: random ones, which no other node and no later process knows.
  std::shared_ptr<const identity::domain_keyring> keys;
  // Of a node with several shards: where their services meet, and which of them this one is. Bounds of `rates` and `transactions` that are
  // for all sources together, and of `bindings` what is this shard's, are its part. Null: it is the only one.
  std::shared_ptr<shard_exchange> shards;
  std::uint8_t shard = 0;
  // Asked for every request that comes by phyllo-sip whether its node is still believed; must outlive the service. Null: no such requests.
  const identity::trust* trust = nullptr;
};

// HA1 of a user of ours, "alice@example.com", for "SHA-256" or "MD5": from memory, or fetched and opened. It is
// H("alice:example.com:secret") in lower-case hex: the phone's username is the part before '@', its realm the domain. `whole`: of a phone
// that takes the whole address for its username, H("alice@example.com:example.com:secret").
// overlay::errc::not_found for unknown users; any other error is answered with 503.
using secret_source = std::function<core::awaitable<core::result<std::string>>(std::string user, std::string algorithm, bool whole)>;

struct service_status {
  std::size_t bindings = 0;  // contacts registered through this node and not expired
  std::size_t calls = 0;     // dialogs of INVITE that this proxy record-routed and saw answered, not yet ended
  std::size_t transactions = 0;
};

// Serves text at a host's doors, by datagrams and by streams. Used on env's executor. References outlive it.
class service : public transport::datagram_service, public transport::stream_service {
 public:
  [[nodiscard]] static std::unique_ptr<service> create(core::environment& env, service_options o, transport::doors& doors,
                                                       overlay::overlay& overlay, secret_source secrets, core::metrics& m,
                                                       core::logger log);
  virtual void on_websocket(std::unique_ptr<transport::websocket> w) = 0;  // of sub-protocol "sip"

  // As service_settings and service_options have them, from now on.
  virtual void limit_sources(double messages_per_second, double burst) = 0;
  virtual void name_hosts(std::vector<std::string> host_names) = 0;
  // What is sealed from now on is sealed with the newest generation of each domain; what any of them made is still opened. Domains that
  // `keys` does not know keep what they have. Not null.
  virtual void replace_keys(std::shared_ptr<const identity::domain_keyring> keys) = 0;

  // Users who are gone, or whose password is another one: ends the bindings that they have here, in the overlay too, and closes the
  // connections that they alone have registered by. What their phones may do now is for the secret source to say.
  virtual void withdraw_users(const std::function<bool(const std::string& user)>& gone) = 0;

  // What is to be kept of the bindings registered here, and of who has used SHA-256: appended to what has been kept, or in its place
  // (`whole`). The next process of this node is given all of it, as service_options::bindings. Empty: nothing has changed. `anew`: what was
  // given before is lost.
  struct kept_bindings {
    std::string text;
    bool whole = false;
  };
  [[nodiscard]] virtual kept_bindings take_bindings(bool anew) = 0;

  // No new calls or registrations (503 with Retry-After); returns when all transactions have ended or at `deadline`.
  virtual core::awaitable<void> drain(core::time_point deadline) = 0;
  virtual core::awaitable<void> stop() = 0;  // closes streams, joins coroutines; before destruction
  [[nodiscard]] virtual service_status status() const = 0;
};

}  // namespace phyllo::sip
