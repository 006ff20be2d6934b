#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <array>
#include <asio/ip/address.hpp>
#include <filesystem>
#include <set>
#include <tuple>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/names.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/node/anchor.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/ladder.hpp"
#include "settings/configuration_ranges.hpp"
#include "settings/host_options.hpp"

namespace phyllo::node {
namespace {

// What was found so far, in the order of the checks.
using complaints = std::vector<complaint>;

void complain(complaints& to, std::string key, std::string expected) { to.push_back({std::move(key), std::move(expected), 0}); }

bool is_address(const std::string& text) {
  asio::error_code ec;
  asio::ip::make_address(text, ec);
  return !ec;
}

bool is_https(const std::string& text) {
  const auto u = transport::url::parse(text);
  return u && u->scheme == "https";
}

void check_ranges(const configuration& c, complaints& out) {
  for (const auto& r : ranges_of(c)) {
    if (r.value >= r.least && r.value <= r.most) continue;
    const auto span = r.least == r.most ? fmt::format("{}", r.least) : fmt::format("a number from {} to {}", r.least, r.most);
    complain(out, r.key, fmt::format("{}, not {}", span, r.value));
  }
}

void check_choice(const char* key, const std::string& value, std::initializer_list<std::string_view> choices, complaints& out) {
  if (std::ranges::find(choices, value) != choices.end()) return;
  std::string list;
  for (const auto& choice : choices) list += fmt::format("{}\"{}\"", list.empty() ? "" : " or ", choice);
  complain(out, key, fmt::format("{}, not \"{}\"", list, value));
}

void check_node(const configuration& c, complaints& out) {
  check_choice("node.role", c.node.role, {"supernode", "ordinary"}, out);
  if (c.node.role == "ordinary" && c.node.first) complain(out, "node.first", "false: an ordinary node starts no overlay");
  if (c.node.role == "ordinary" && c.login.enabled) complain(out, "login.enabled", "false: a login server is a supernode");
  if (!is_address(c.node.address)) complain(out, "node.address", fmt::format("an IP address, not \"{}\"", c.node.address));
  const auto& advertised = c.node.advertised_address;
  if (!advertised.empty() && !is_address(advertised))
    complain(out, "node.advertised_address", fmt::format("an IP address, not \"{}\"", advertised));
  // An ordinary node may move; who serves phones must say where.
  const bool moves = c.node.role == "ordinary" && !c.sip.enabled;
  if (!moves && advertised.empty() && is_address(c.node.address) && asio::ip::make_address(c.node.address).is_unspecified()) {
    complain(out, "node.advertised_address", "the IP address that others dial, since node.address names none");
  }
  if (c.node.data_directory.empty()) complain(out, "node.data_directory", "a directory");
  if (!identity::valid_user(c.node.user))
    complain(out, "node.user", fmt::format("the node's account, user@domain, not \"{}\"", c.node.user));
  if (!c.login.enabled && c.node.password_file.empty()) complain(out, "node.password_file", "the file that holds the account's password");
  if (const auto& f = c.bootstrap.ca_fingerprint; !f.empty() && !read_fingerprint(f))
    complain(out, "bootstrap.ca_fingerprint", fmt::format("sha256: and 64 hex digits, not \"{}\"", f));
  for (const auto& d : c.node.domains) {
    if (!identity::valid_domain(d)) complain(out, "node.domains", fmt::format("domain names in lower case, not \"{}\"", d));
  }
  if (const auto flaw = identity::authority_flaw(c.node.domains)) complain(out, "node.domains", "fewer or shorter domains: " + *flaw);
}

void check_ports(const configuration& c, complaints& out) {
  if (c.ports.reload == 0) complain(out, "ports.reload", "a port, not 0: the overlay needs it");
  if (c.login.enabled && c.ports.https == 0) complain(out, "ports.https", "a port, not 0: the login server needs it");
  if (c.sip.enabled && c.ports.sip == 0) complain(out, "ports.sip", "a port, not 0: SIP needs it (or set sip.enabled = false)");
  std::set<std::uint16_t> taken;
  const std::array all{std::pair{"ports.reload", c.ports.reload}, std::pair{"ports.sip", c.ports.sip},
                       std::pair{"ports.sips", c.ports.sips},     std::pair{"ports.stun", c.ports.stun},
                       std::pair{"ports.https", c.ports.https},   std::pair{"ports.http", c.ports.http}};
  for (const auto& [key, port] : all) {
    if (port != 0 && !taken.insert(port).second) complain(out, key, fmt::format("a port of its own, not {} again", port));
  }
}

void check_transport(const configuration& c, complaints& out) {
  const auto& proxy = c.transport.proxy;
  if (!proxy.empty() && proxy != "none" && !transport::http_proxy::parse(proxy))
    complain(out, "transport.proxy", fmt::format("an HTTP proxy such as http://proxy.example.com:3128, or \"none\", not \"{}\"", proxy));
  for (const auto& a : c.transport.no_proxy) {
    if (a != "*" && !is_address(a)) complain(out, "transport.no_proxy", fmt::format("IP addresses, or \"*\", not \"{}\"", a));
  }
}

void check_overlay(const configuration& c, complaints& out) {
  if (!identity::valid_domain(c.overlay.name)) {
    complain(out, "overlay.name", fmt::format("the overlay's name, such as overlay.example.com, not \"{}\"", c.overlay.name));
  }
  if (c.overlay.leaf_set % 2 != 0) complain(out, "overlay.leaf_set", fmt::format("an even number, not {}", c.overlay.leaf_set));
  if (c.overlay.replicas > c.overlay.leaf_set + 1 && c.overlay.replicas <= replicas_max)
    complain(out, "overlay.replicas",
             fmt::format("at most {}, the root and its overlay.leaf_set, not {}", c.overlay.leaf_set + 1, c.overlay.replicas));
  for (const auto& id : c.overlay.bad_nodes) {
    if (!identity::node_id::from_hex(id)) complain(out, "overlay.bad_nodes", fmt::format("Node-IDs of 32 hex digits, not \"{}\"", id));
  }
}

bool is_pattern(const std::string& text) {
  regex_t compiled{};
  const bool good = regcomp(&compiled, text.c_str(), REG_EXTENDED | REG_NOSUB) == 0;
  if (good) regfree(&compiled);
  return good;
}

void check_document(const configuration& c, complaints& out) {
  for (const auto& p : c.login.aor_domains) {
    if (!is_pattern(p)) complain(out, "login.aor_domains", fmt::format("POSIX extended regular expressions, not \"{}\"", p));
  }
  for (const auto& id : c.login.diagnostic_nodes) {
    if (!identity::node_id::from_hex(id)) complain(out, "login.diagnostic_nodes", fmt::format("Node-IDs of 32 hex digits, not \"{}\"", id));
  }
}

void check_servers(const configuration& c, complaints& out) {
  for (const auto& u : c.bootstrap.urls) {
    if (!is_https(u)) complain(out, "bootstrap.urls", fmt::format("https URLs, not \"{}\"", u));
  }
  if (!c.login.enabled && c.bootstrap.urls.empty()) complain(out, "bootstrap.urls", "at least one URL of a bootstrap server");
  check_choice("login.sip_secret", c.login.sip_secret, {"random", "account"}, out);
  if (!c.login.url.empty() && !is_https(c.login.url)) complain(out, "login.url", fmt::format("an https URL, not \"{}\"", c.login.url));
  for (const auto& n : c.login.bootstrap_nodes) {
    if (!transport::endpoint::parse(n))
      complain(out, "login.bootstrap_nodes", fmt::format("addresses with ports, 192.0.2.1:6084, not \"{}\"", n));
  }
}

void check_strangers(const configuration& c, complaints& out) {
  for (const auto& a : c.node.further_addresses) {
    if (!bound_address_of(a)) {
      complain(out, "node.further_addresses", fmt::format("IP addresses, or ADDRESS=ADVERTISED, not \"{}\"", a));
    }
  }
  for (const auto& p : c.limits.proxies) {
    if (!transport::address_prefix::parse(p))
      complain(out, "limits.proxies", fmt::format("addresses or prefixes, 192.0.2.0/24, not \"{}\"", p));
  }
  for (const auto& p : c.sip.peers) {
    if (!transport::address_prefix::parse(p)) complain(out, "sip.peers", fmt::format("addresses or prefixes, 192.0.2.0/28, not \"{}\"", p));
  }
  for (const auto& s : c.sip.dns_servers) {
    if (!is_address(s) && !transport::endpoint::parse(s))
      complain(out, "sip.dns_servers", fmt::format("addresses, 192.0.2.53 or 192.0.2.53:5353, not \"{}\"", s));
  }
  for (const auto& o : c.sip.websocket_origins) {
    if (!o.starts_with("https://") && !o.starts_with("http://"))
      complain(out, "sip.websocket_origins", fmt::format("origins of pages, https://phone.example.com, not \"{}\"", o));
  }
}

void check_others(const configuration& c, complaints& out) {
  check_choice("sip.digest.policy", c.sip.digest.policy, {"adapt", "require"}, out);
  // RFC 3261 s.21.4 to s.21.6: refusals that ask nothing of the caller.
  if (c.sip.stranger.answer != 0 && (c.sip.stranger.answer < 400 || c.sip.stranger.answer > 699))
    complain(out, "sip.stranger_answer", fmt::format("a code from 400 to 699, or 0, not {}", c.sip.stranger.answer));
  if (c.tls.certificate.empty() != c.tls.key.empty()) {
    complain(out, c.tls.key.empty() ? "tls.key" : "tls.certificate", "a PEM file: certificate and key go together");
  }
  if (!is_address(c.admin.address)) complain(out, "admin.address", fmt::format("an IP address, not \"{}\"", c.admin.address));
  check_choice("log.level", c.log.level, {"debug", "info", "warning", "error"}, out);
}

complaints check_all(const configuration& c) {
  complaints out;
  for (const auto check : {check_ranges, check_node, check_ports, check_transport, check_overlay, check_document, check_servers,
                           check_strangers, check_others}) {
    check(c, out);
  }
  return out;
}

// Under the key that an operator of several overlays has for it.
void rename_key(complaint& bad, const configuration& c, std::size_t index) {
  const auto& o = index == 0 ? c.overlay : c.further_overlays[index - 1];
  const std::array own{std::tuple{"ports.reload", "overlay.port", index > 0 || o.port != 0},
                       std::tuple{"node.user", "overlay.user", !o.user.empty()},
                       std::tuple{"bootstrap.urls", "overlay.urls", index > 0 || !o.urls.empty()}};
  for (const auto& [key, of_overlay, said_there] : own) {
    if (said_there && bad.key == key) {
      bad.key = of_overlay;
      break;
    }
  }
  if (bad.key.starts_with("overlay.")) bad.overlay = index;
}

// Overlays of one process: names and ports tell them apart.
void check_together(const configuration& c, complaints& out) {
  std::set<std::string> names{c.overlay.name};
  const auto first = c.of_overlay(0);
  std::set<std::uint16_t> ports{first.ports.reload, first.ports.sip,   first.ports.sips,
                                first.ports.stun,   first.ports.https, first.ports.http};
  for (std::size_t i = 1; i < c.overlays(); ++i) {
    const auto& o = c.further_overlays[i - 1];
    if (!names.insert(o.name).second) out.push_back({"overlay.name", fmt::format("a name of its own, not \"{}\" again", o.name), i});
    if (o.port != 0 && !ports.insert(o.port).second)
      out.push_back({"overlay.port", fmt::format("a port of its own, not {} again", o.port), i});
  }
}

}  // namespace

std::vector<complaint> validate(const configuration& c) {
  complaints out;
  for (std::size_t i = 0; i < c.overlays(); ++i) {
    for (auto& bad : check_all(c.of_overlay(i))) {
      rename_key(bad, c, i);
      if (std::ranges::find(out, bad) == out.end()) out.push_back(std::move(bad));  // what all of them share is said once
    }
  }
  check_together(c, out);
  return out;
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

std::string configuration::admin_socket() const { return in_data_directory("admin.sock"); }

}  // namespace phyllo::node
