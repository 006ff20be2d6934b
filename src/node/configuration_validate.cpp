#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <array>
#include <asio/ip/address.hpp>
#include <filesystem>
#include <set>
#include <tuple>

#include "document_file.hpp"
#include "host_options.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/names.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/ladder.hpp"

namespace phyllo::node {
namespace {

using found = std::optional<complaint>;

found complain(std::string key, std::string expected) { return complaint{std::move(key), std::move(expected)}; }

bool is_address(const std::string& text) {
  asio::error_code ec;
  asio::ip::make_address(text, ec);
  return !ec;
}

bool is_https(const std::string& text) {
  const auto u = transport::url::parse(text);
  return u && u->scheme == "https";
}

struct range {
  const char* key;
  std::uint64_t value, least, most;
};

found check_ranges(const configuration& c) {
  const auto s = [](auto d) { return static_cast<std::uint64_t>(d.count()); };
  const std::array ranges{
      range{"node.shards", c.node.shards, 1, 1},
      range{"transport.climb_s", s(c.transport.climb), 1, 3600},
      range{"overlay.leaf_set", c.overlay.leaf_set, 2, 128},
      range{"overlay.replicas", c.overlay.replicas, 1, 32},
      range{"overlay.digit_bits", c.overlay.digit_bits, 1, 8},
      range{"overlay.neighborhood", c.overlay.neighborhood, 0, 256},
      range{"overlay.heartbeat_s", s(c.overlay.heartbeat), 1, 3600},
      range{"overlay.records_max", c.overlay.records_max, 1, 1'000'000'000},
      range{"overlay.record_bytes_max", c.overlay.record_bytes_max, 1'000'000, 1'000'000'000'000},
      // 2^20 takes 1 GiB a log-in.
      range{"login.scrypt_log2_n", c.login.scrypt_log2_n, 4, 20},
      range{"login.certificate_lifetime_s", s(c.login.certificate_lifetime), 60, 366 * 24 * 3600},
      range{"login.attempts", c.login.attempts, 1, 1'000'000},
      range{"login.domain_key_overlap_s", s(c.login.domain_key_overlap), 1, 366 * 24 * 3600},
      range{"login.peers_per_account", c.login.peers_per_account, 0, 10'000},
      range{"login.devices_per_account", c.login.devices_per_account, 0, 10'000},
      range{"sip.nonce_lifetime_s", s(c.sip.nonce_lifetime), 1, 86400},
      range{"sip.expires_min_s", s(c.sip.expires_min), 1, 86400},
      range{"sip.expires_max_s", s(c.sip.expires_max), 1, 43200},  // half of the Kind's longest lifetime
      range{"sip.expires_flow_s", s(c.sip.expires_flow), s(c.sip.expires_min), 43200},
      range{"sip.flow_timer_s", s(c.sip.flow_timer), 10, 840},  // connections that idle for 900 s are closed
      range{"sip.contacts_max", c.sip.contacts_max, 1, 32},     // values a record may hold
      range{"sip.refusal_delay_ms", s(c.sip.refusal_delay), 0, 10'000},
      range{"sip.transactions_max", c.sip.transactions_max, 10, 10'000'000},
      range{"sip.ringing_per_callee", c.sip.ringing_per_callee, 1, 1'000'000},
      range{"sip.ringing_per_caller", c.sip.ringing_per_caller, 1, 1'000'000},
      range{"sip.source_messages_per_second", c.sip.source_messages_per_second, 1, 10'000'000},
      range{"sip.source_messages_burst", c.sip.source_messages_burst, 1, 10'000'000},
      range{"sip.strangers_messages_per_second", c.sip.strangers_messages_per_second, 10, 10'000'000},
      range{"sip.t1_ms", s(c.sip.t1), 10, 10'000},
      range{"sip.t2_ms", s(c.sip.t2), 10, 60'000},
      range{"sip.t4_ms", s(c.sip.t4), 10, 60'000},
      range{"sip.expires_default_s", s(c.sip.expires_default), s(c.sip.expires_min), s(c.sip.expires_max)},
      range{"admin.port", c.admin.port, 1, 65535},
      range{"limits.source_stun_answers_per_second", c.limits.source_stun_answers_per_second, 1, 1'000'000},
      range{"limits.stun_answers_per_second", c.limits.stun_answers_per_second, 1, 10'000'000},
      range{"limits.source_handshakes_per_second", c.limits.source_handshakes_per_second, 1, 1'000'000},
      range{"limits.handshakes_per_second", c.limits.handshakes_per_second, 1, 1'000'000},
      range{"limits.source_connections", c.limits.source_connections, 1, 10'000'000},
      range{"limits.connections", c.limits.connections, 16, 10'000'000},
      range{"limits.half_open", c.limits.half_open, 16, 1'000'000},
  };
  for (const auto& r : ranges) {
    if (r.value >= r.least && r.value <= r.most) continue;
    if (r.least == r.most) return complain(r.key, fmt::format("{}, not {}", r.least, r.value));
    return complain(r.key, fmt::format("a number from {} to {}, not {}", r.least, r.most, r.value));
  }
  return {};
}

found check_choice(const char* key, const std::string& value, std::initializer_list<std::string_view> choices) {
  if (std::ranges::find(choices, value) != choices.end()) return {};
  std::string list;
  for (const auto& choice : choices) list += fmt::format("{}\"{}\"", list.empty() ? "" : " or ", choice);
  return complain(key, fmt::format("{}, not \"{}\"", list, value));
}

found check_node(const configuration& c) {
  if (auto bad = check_choice("node.role", c.node.role, {"supernode", "ordinary"})) return bad;
  if (c.node.role == "ordinary" && c.node.first) return complain("node.first", "false: an ordinary node starts no overlay");
  if (c.node.role == "ordinary" && c.login.enabled) return complain("login.enabled", "false: a login server is a supernode");
  if (!is_address(c.node.address)) return complain("node.address", fmt::format("an IP address, not \"{}\"", c.node.address));
  const auto& advertised = c.node.advertised_address;
  if (!advertised.empty() && !is_address(advertised))
    return complain("node.advertised_address", fmt::format("an IP address, not \"{}\"", advertised));
  // An ordinary node may move; who serves phones must say where.
  const bool moves = c.node.role == "ordinary" && !c.sip.enabled;
  if (!moves && advertised.empty() && asio::ip::make_address(c.node.address).is_unspecified()) {
    return complain("node.advertised_address", "the IP address that others dial, since node.address names none");
  }
  if (c.node.data_directory.empty()) return complain("node.data_directory", "a directory");
  if (!identity::valid_user(c.node.user))
    return complain("node.user", fmt::format("the node's account, user@domain, not \"{}\"", c.node.user));
  if (!c.login.enabled && c.node.password_file.empty()) return complain("node.password_file", "the file that holds the account's password");
  if (const auto& f = c.bootstrap.ca_fingerprint; !f.empty() && !read_fingerprint(f))
    return complain("bootstrap.ca_fingerprint", fmt::format("sha256: and 64 hex digits, not \"{}\"", f));
  for (const auto& d : c.node.domains) {
    if (!identity::valid_domain(d)) return complain("node.domains", fmt::format("domain names in lower case, not \"{}\"", d));
  }
  if (const auto flaw = identity::authority_flaw(c.node.domains)) return complain("node.domains", "fewer or shorter domains: " + *flaw);
  return {};
}

found check_ports(const configuration& c) {
  if (c.ports.reload == 0) return complain("ports.reload", "a port, not 0: the overlay needs it");
  if (c.login.enabled && c.ports.https == 0) return complain("ports.https", "a port, not 0: the login server needs it");
  if (c.sip.enabled && c.ports.sip == 0) return complain("ports.sip", "a port, not 0: SIP needs it (or set sip.enabled = false)");
  std::set<std::uint16_t> taken;
  const std::array all{std::pair{"ports.reload", c.ports.reload}, std::pair{"ports.sip", c.ports.sip},
                       std::pair{"ports.sips", c.ports.sips},     std::pair{"ports.stun", c.ports.stun},
                       std::pair{"ports.https", c.ports.https},   std::pair{"ports.http", c.ports.http}};
  for (const auto& [key, port] : all) {
    if (port != 0 && !taken.insert(port).second) return complain(key, fmt::format("a port of its own, not {} again", port));
  }
  return {};
}

found check_transport(const configuration& c) {
  const auto& proxy = c.transport.proxy;
  if (!proxy.empty() && proxy != "none" && !transport::http_proxy::parse(proxy))
    return complain("transport.proxy", fmt::format("an HTTP proxy such as http://proxy.example.com:3128, or \"none\", not \"{}\"", proxy));
  for (const auto& a : c.transport.no_proxy) {
    if (a != "*" && !is_address(a)) return complain("transport.no_proxy", fmt::format("IP addresses, or \"*\", not \"{}\"", a));
  }
  return {};
}

found check_overlay(const configuration& c) {
  if (!identity::valid_domain(c.overlay.name)) {
    return complain("overlay.name", fmt::format("the overlay's name, such as overlay.example.com, not \"{}\"", c.overlay.name));
  }
  if (c.overlay.leaf_set % 2 != 0) return complain("overlay.leaf_set", fmt::format("an even number, not {}", c.overlay.leaf_set));
  if (c.overlay.replicas > c.overlay.leaf_set + 1)
    return complain("overlay.replicas",
                    fmt::format("at most {}, the root and its overlay.leaf_set, not {}", c.overlay.leaf_set + 1, c.overlay.replicas));
  for (const auto& id : c.overlay.bad_nodes) {
    if (!identity::node_id::from_hex(id)) return complain("overlay.bad_nodes", fmt::format("Node-IDs of 32 hex digits, not \"{}\"", id));
  }
  return {};
}

bool is_pattern(const std::string& text) {
  regex_t compiled{};
  const bool good = regcomp(&compiled, text.c_str(), REG_EXTENDED | REG_NOSUB) == 0;
  if (good) regfree(&compiled);
  return good;
}

found check_document(const configuration& c) {
  for (const auto& p : c.login.aor_domains) {
    if (!is_pattern(p)) return complain("login.aor_domains", fmt::format("POSIX extended regular expressions, not \"{}\"", p));
  }
  for (const auto& id : c.login.diagnostic_nodes) {
    if (!identity::node_id::from_hex(id))
      return complain("login.diagnostic_nodes", fmt::format("Node-IDs of 32 hex digits, not \"{}\"", id));
  }
  return {};
}

found check_servers(const configuration& c) {
  for (const auto& u : c.bootstrap.urls) {
    if (!is_https(u)) return complain("bootstrap.urls", fmt::format("https URLs, not \"{}\"", u));
  }
  if (!c.login.enabled && c.bootstrap.urls.empty()) return complain("bootstrap.urls", "at least one URL of a bootstrap server");
  if (auto bad = check_choice("login.sip_secret", c.login.sip_secret, {"random", "account"})) return bad;
  if (!c.login.url.empty() && !is_https(c.login.url)) return complain("login.url", fmt::format("an https URL, not \"{}\"", c.login.url));
  for (const auto& n : c.login.bootstrap_nodes) {
    if (!transport::endpoint::parse(n))
      return complain("login.bootstrap_nodes", fmt::format("addresses with ports, 192.0.2.1:6084, not \"{}\"", n));
  }
  return {};
}

found check_strangers(const configuration& c) {
  for (const auto& a : c.node.further_addresses) {
    if (!bound_address_of(a)) {
      return complain("node.further_addresses", fmt::format("IP addresses, or ADDRESS=ADVERTISED, not \"{}\"", a));
    }
  }
  for (const auto& p : c.limits.proxies) {
    if (!transport::address_prefix::parse(p))
      return complain("limits.proxies", fmt::format("addresses or prefixes, 192.0.2.0/24, not \"{}\"", p));
  }
  for (const auto& p : c.sip.peers) {
    if (!transport::address_prefix::parse(p))
      return complain("sip.peers", fmt::format("addresses or prefixes, 192.0.2.0/28, not \"{}\"", p));
  }
  for (const auto& s : c.sip.dns_servers) {
    if (!is_address(s) && !transport::endpoint::parse(s))
      return complain("sip.dns_servers", fmt::format("addresses, 192.0.2.53 or 192.0.2.53:5353, not \"{}\"", s));
  }
  for (const auto& o : c.sip.websocket_origins) {
    if (!o.starts_with("https://") && !o.starts_with("http://"))
      return complain("sip.websocket_origins", fmt::format("origins of pages, https://phone.example.com, not \"{}\"", o));
  }
  return {};
}

found check_others(const configuration& c) {
  if (c.sip.enabled && c.sip.digest_algorithms.empty()) return complain("sip.digest.algorithms", "\"SHA-256\", \"MD5\" or both");
  for (const auto& a : c.sip.digest_algorithms) {
    if (auto bad = check_choice("sip.digest.algorithms", a, {"SHA-256", "MD5"})) return bad;
  }
  // RFC 3261 s.21.4 to s.21.6: refusals that ask nothing of the caller.
  if (c.sip.stranger_answer != 0 && (c.sip.stranger_answer < 400 || c.sip.stranger_answer > 699))
    return complain("sip.stranger_answer", fmt::format("a code from 400 to 699, or 0, not {}", c.sip.stranger_answer));
  if (c.tls.certificate.empty() != c.tls.key.empty()) {
    return complain(c.tls.key.empty() ? "tls.key" : "tls.certificate", "a PEM file: certificate and key go together");
  }
  if (!is_address(c.admin.address)) return complain("admin.address", fmt::format("an IP address, not \"{}\"", c.admin.address));
  return check_choice("log.level", c.log.level, {"debug", "info", "warning", "error"});
}

found check_all(const configuration& c) {
  for (const auto check : {check_ranges, check_node, check_ports, check_transport, check_overlay, check_document, check_servers,
                           check_strangers, check_others}) {
    if (auto bad = check(c)) return bad;
  }
  return {};
}

// What is wrong with the configuration of one overlay, under the key that an operator of several has for it.
found check_one(const configuration& c, std::size_t index) {
  auto bad = check_all(c.of_overlay(index));
  if (!bad) return {};
  const auto& o = index == 0 ? c.overlay : c.further_overlays[index - 1];
  const std::array own{std::tuple{"ports.reload", "overlay.port", index > 0 || o.port != 0},
                       std::tuple{"node.user", "overlay.user", !o.user.empty()},
                       std::tuple{"bootstrap.urls", "overlay.urls", index > 0 || !o.urls.empty()}};
  for (const auto& [key, of_overlay, said_there] : own) {
    if (bad->key == key && said_there) bad->key = of_overlay;
  }
  if (bad->key.starts_with("overlay.")) bad->overlay = index;
  return bad;
}

// Overlays of one process: names and ports tell them apart.
found check_together(const configuration& c) {
  std::set<std::string> names{c.overlay.name};
  const auto first = c.of_overlay(0);
  std::set<std::uint16_t> ports{first.ports.reload, first.ports.sip,   first.ports.sips,
                                first.ports.stun,   first.ports.https, first.ports.http};
  for (std::size_t i = 1; i < c.overlays(); ++i) {
    const auto& o = c.further_overlays[i - 1];
    if (!names.insert(o.name).second) return complaint{"overlay.name", fmt::format("a name of its own, not \"{}\" again", o.name), i};
    if (!ports.insert(o.port).second) return complaint{"overlay.port", fmt::format("a port of its own, not {} again", o.port), i};
  }
  return {};
}

}  // namespace

std::optional<complaint> validate(const configuration& c) {
  for (std::size_t i = 0; i < c.overlays(); ++i) {
    if (auto bad = check_one(c, i)) return bad;
  }
  return check_together(c);
}

configuration configuration::of_overlay(std::size_t index) const {
  auto c = *this;
  c.further_overlays.clear();
  if (index > 0) {
    c.overlay = further_overlays[index - 1];
    c.node.data_directory = in_data_directory(c.overlay.name);
    c.node.domains.clear();
    c.node.first = false;
    c.ports = {0, 0, 0, 0, 0, 0};
    c.admin.public_health = false;
    c.bootstrap = {};
    c.login.enabled = false;
    c.sip.enabled = false;
  }
  if (c.overlay.port != 0) c.ports.reload = c.overlay.port;
  if (!c.overlay.user.empty()) c.node.user = c.overlay.user;
  if (!c.overlay.password_file.empty()) c.node.password_file = c.overlay.password_file;
  if (!c.overlay.urls.empty()) c.bootstrap.urls = c.overlay.urls;
  if (!c.overlay.anchors.empty()) c.bootstrap.anchors = c.overlay.anchors;
  c.node.first = c.node.first || c.overlay.first;
  return c;
}

std::string configuration::in_data_directory(const std::string& file) const {
  return (std::filesystem::path(node.data_directory) / file).string();  // an absolute `file` stays as it is
}

}  // namespace phyllo::node
