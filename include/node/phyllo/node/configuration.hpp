// What an operator can set: nested plain structs with their defaults. What a lower tier acts on is the settings of that tier, so that each
// default stands once. packaging/supernode.toml documents the same keys; a test holds the two together.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/enrollment/login_settings.hpp"
#include "phyllo/node/errc.hpp"
#include "phyllo/overlay/peer_settings.hpp"
#include "phyllo/sip/service_settings.hpp"
#include "phyllo/transport/host_settings.hpp"
#include "phyllo/transport/ladder.hpp"

namespace phyllo::node {

inline constexpr const char* default_configuration_file = "/etc/phyllo/supernode.toml";

// [overlay], or one [[overlay]] of several: a ring that the node is part of.
struct overlay_section : overlay::peer_settings {
  std::string name;                      // instance name, a domain name such as overlay.example.com
  std::string records_file = "records";  // keeps them between two starts, relative to the data directory; empty: nothing does
  std::vector<std::string> bad_nodes;    // Node-IDs (32 hex digits) to revoke; login server only
  std::string bad_nodes_file;            // the same, one a line, read again while running; login server only
  // What a node of several overlays has for each. In the first one: what is empty here is as [ports], [node] and [bootstrap] say.
  std::uint16_t port = 0;            // UDP and TCP: ports.reload of this overlay; each further one needs its own
  std::string user;                  // account in this overlay; empty: node.user
  std::string password_file;         // of that account; empty: node.password_file
  bool first = false;                // starts this overlay
  std::vector<std::string> urls;     // its bootstrap servers; each further one needs some
  std::vector<std::string> anchors;  // PEM files that certify those servers; empty: the system's certificates
};

// [ports]: where the node listens.
using ports_section = transport::host_ports;

// [transport]: how others are reached where firewalls stand between.
struct transport_section : transport::ladder_settings {
  std::string proxy;                  // HTTP proxy that answers CONNECT; empty: that of https_proxy, if it is set; "none"
  std::vector<std::string> no_proxy;  // addresses that are reached without it, beside those of no_proxy
};

// [limits]: what strangers may ask for.
struct limits_section : transport::host_limits {
  std::vector<std::string> proxies;  // load balancers in front, addresses or prefixes: their connections begin with a PROXY header
};

// [login]: the login server, for operators of an overlay.
struct login_section : enrollment::login_settings {
  bool enabled = false;
  std::string url;                            // as others reach it; empty: https://<advertised address>:<https port>
  std::string database = "accounts.db";       // relative to the data directory
  std::string ca_directory = "ca";            // CA and document signer, relative to the data directory
  std::vector<std::string> bootstrap_nodes;   // further stable supernodes for the document, address:port
  std::vector<std::string> aor_domains;       // patterns of domains whose AORs may be mapped by SIP-REGISTRATION; empty: any
  std::vector<std::string> diagnostic_nodes;  // Node-IDs that may ask nodes for diagnostics; empty: any
};

// [sip]: registrar and proxy.
struct sip_section : sip::service_settings {
  bool enabled = true;
  std::vector<std::string> anchors;            // PEM files that certify servers dialled by name over TLS; empty: the system's
  std::vector<std::string> websocket_origins;  // whose pages may connect phones in browsers; empty: anybody's
};

struct configuration {
  // [node]: this process.
  struct {
    std::string role = "supernode";                  // what the node is to others: "supernode", or "ordinary"
    std::string address = "0.0.0.0";                 // IP address that every socket binds, outbound ones too
    std::string advertised_address;                  // IP address that others dial; empty: `address`, or what an ordinary node sends from
    std::vector<std::string> further_addresses;      // more to listen on: "2001:db8::7", or "10.0.0.7=203.0.113.7" behind a 1:1 NAT
    unsigned shards = 1;                             // threads that serve SIP, with sockets of their own; 0: one for each core
    std::string data_directory = "/var/lib/phyllo";  // keys, certificates, databases; readable by its owner only
    std::string user;                                // account that the node enrols as, user@domain
    std::string password_file;                       // file whose first line is that account's password
    std::string device;                              // tells nodes of one account apart; empty: the host name and address
    bool first = false;                              // starts a new overlay instead of joining one
    std::vector<std::string> domains;                // SIP domains that this node serves; its account needs authority for them
  } node;

  ports_section ports;
  transport_section transport;
  limits_section limits;

  overlay_section overlay;                        // the only one, or the first: SIP, login server and web site are of this one
  std::vector<overlay_section> further_overlays;  // [[overlay]] from the second on

  // [bootstrap]: where the configuration document comes from.
  struct {
    std::vector<std::string> urls;     // https URLs of bootstrap servers; the first with a valid document serves
    std::vector<std::string> anchors;  // PEM files that certify those servers; empty: the system's certificates
    std::string ca_fingerprint;        // sha256 of the overlay's CA certificate; empty: that of the first document is believed, and kept
  } bootstrap;

  // [discovery]: other ways to peers.
  struct {
    bool multicast = true;  // multicast DNS on the local network: ask for peers, and answer who asks
  } discovery;

  login_section login;
  sip_section sip;

  // [tls]: what phones and browsers see (P-256 or RSA).
  struct {
    std::string certificate;  // PEM chain; empty: a self-signed one is made in the data directory
    std::string key;          // PEM
  } tls;

  // [admin]: status, metrics, health, and the command line's way in.
  struct {
    std::string address = "127.0.0.1";  // of pages that change nothing; commands go by the socket admin.sock in the data directory
    std::uint16_t port = 6089;
    std::vector<std::string> hosts;  // names by which the pages are asked for, beside the address itself
    std::string token_file;          // with its token commands are taken here too, relative to the data directory; empty: admin.token
    std::string group;               // whose members may use the socket, beside the node's user and root; empty: nobody
    bool public_health = false;      // serve /healthz on the public ports too
  } admin;

  // [log]
  struct {
    std::string level = "info";  // debug, info, warning, error
    std::string file;            // relative to the data directory; empty: standard error
  } log;

  // [debug]
  struct {
    std::string keylog;        // secrets of every TLS and DTLS connection, relative to the data directory; empty: nowhere
    std::string overlay_pcap;  // decrypted overlay traffic goes here, relative to the data directory; empty: nowhere
    bool core_dumps = false;   // lets debuggers of the same user, and core dumps, see the node's memory, keys included
  } debug;

  [[nodiscard]] std::size_t overlays() const noexcept { return 1 + further_overlays.size(); }
  // What a node of that overlay alone would have (0: the first). A further one has a data directory of its own, named like the overlay and
  // inside the node's, and neither SIP nor a login server.
  [[nodiscard]] configuration of_overlay(std::size_t index) const;

  // `file` in the data directory, unless it is absolute.
  [[nodiscard]] std::string in_data_directory(const std::string& file) const;
  // The Unix socket by which commands go to the node.
  [[nodiscard]] std::string admin_socket() const;
};

// "KEY=VALUE" of a command line. VALUE is TOML, or bare text for strings and a,b,c for lists.
using overrides = std::vector<std::string>;

// What is wrong with one key.
struct complaint {
  std::string key;          // dotted, as in the file
  std::string expected;     // "an IP address, not \"host\""
  std::size_t overlay = 0;  // which [[overlay]] a key of [overlay] is of

  friend bool operator==(const complaint&, const complaint&) = default;
};

// Every check beyond the type of a value; all that is wrong. Nothing: it can be run, as far as the file alone tells (start_check.hpp).
[[nodiscard]] std::vector<complaint> validate(const configuration& c);

// Parses, overrides, validates. errc::configuration: all that is wrong, a line each: "FILE:LINE:COLUMN: KEY: expected ..."; first what the
// command line says, then as the file goes, then what it leaves out. An unknown key is an error and names the nearest one.
[[nodiscard]] core::result<configuration> read_configuration(const std::string& file, const overrides& o = {});
[[nodiscard]] core::result<configuration> parse_configuration(const std::string& text, const std::string& file, const overrides& o = {});
// The same without validate: for commands that need single keys only, and for tests of the defaults.
[[nodiscard]] core::result<configuration> parse_keys(const std::string& text, const std::string& file, const overrides& o = {});

// Every key the reader knows, sorted.
[[nodiscard]] std::vector<std::string> configuration_keys();

}  // namespace phyllo::node
