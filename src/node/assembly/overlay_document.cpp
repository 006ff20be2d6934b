// The configuration document that an overlay's operator publishes (RFC 6940 s.11.1).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "assembly/overlay_authority.hpp"
#include "phyllo/disk/private_file.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::node {
namespace {

constexpr auto validity = std::chrono::days(365);  // at least 90 days are left of any document that is published
constexpr auto renewed_when_left = std::chrono::days(180);

std::string dialled_address(const configuration& c) {
  const auto text = c.node.advertised_address.empty() ? c.node.address : c.node.advertised_address;
  return asio::ip::make_address(text).is_v6() ? "[" + text + "]" : text;
}

std::vector<identity::bootstrap_node> bootstrap_nodes(const configuration& c) {
  std::vector<identity::bootstrap_node> out{
      {c.node.advertised_address.empty() ? c.node.address : c.node.advertised_address, c.ports.reload}};
  for (const auto& text : c.login.bootstrap_nodes) {
    if (const auto at = transport::endpoint::parse(text)) out.push_back({at->address.to_string(), at->port});
  }
  return out;
}

// What a supernode tells when it is asked: load, size of the routing table, uptime, values stored (RFC 7851 s.9.2).
constexpr std::array<std::uint16_t, 4> diagnostic_kinds{0x1, 0x2, 0x8, 0xb};

void restrict_kinds(const configuration& c, identity::configuration& d) {
  if (c.login.aor_domains.empty()) return;
  for (auto& k : d.kinds) {
    if (k.name == "SIP-REGISTRATION") k.domains = identity::domain_restrictions{true, c.login.aor_domains};
  }
}

void restrict_diagnostics(const configuration& c, identity::configuration& d) {
  std::vector<identity::node_id> nodes;
  for (const auto& text : c.login.diagnostic_nodes) nodes.push_back(*identity::node_id::from_hex(text));  // validate has seen them
  if (nodes.empty()) return;
  for (const auto kind : diagnostic_kinds) d.diagnostics.push_back({kind, nodes});
}

identity::configuration describe(const configuration& c, const overlay_authority& a) {
  identity::configuration d;
  d.instance_name = c.overlay.name;
  d.root_certificates = {a.ca.certificate_der()};
  d.enrollment_servers = {c.login.url.empty() ? server_url(c) + "/.well-known/reload-enroll" : c.login.url};
  d.bootstrap_nodes = bootstrap_nodes(c);
  d.configuration_signers = {a.signer.certificate.node()};
  d.kinds = identity::standard_kinds();
  restrict_kinds(c, d);
  restrict_diagnostics(c, d);
  return d;
}

}  // namespace

std::string server_url(const configuration& c) { return fmt::format("https://{}:{}", dialled_address(c), c.ports.https); }

core::result<std::vector<identity::node_id>> read_bad_nodes(const configuration& c) {
  std::vector<identity::node_id> out;
  for (const auto& text : c.overlay.bad_nodes) out.push_back(*identity::node_id::from_hex(text));  // validate has seen them
  if (c.overlay.bad_nodes_file.empty()) return out;
  const auto path = c.in_data_directory(c.overlay.bad_nodes_file);
  const auto content = disk::read_file(path);
  if (!content) return core::fail(content.error());
  std::istringstream lines(content->value_or(""));
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const auto id = identity::node_id::from_hex(line);
    if (!id) return core::fail(errc::configuration, fmt::format("{}:{}: expected a Node-ID of 32 hex digits", path, number));
    out.push_back(*id);
  }
  return out;
}

core::result<identity::parsed_configuration> current_document(core::environment& env, const configuration& c, const overlay_authority& a,
                                                              std::uint16_t least) {
  auto wanted = describe(c, a);
  const auto path = c.in_data_directory(c.login.ca_directory) + "/document.xml";
  const auto kept = disk::read_file(path);
  if (!kept) return core::fail(kept.error());
  const auto now = env.wall_now();
  const std::vector signers{a.signer.certificate};
  if (*kept) {
    auto old = identity::parse_configuration(**kept, signers, now);
    if (!old && !(old.error() == identity::errc::expired)) return core::fail(old.error().at(path));
    if (old) {
      // A signature by Ed25519 is a function of the text: equal texts say the same.
      wanted.sequence = old->content.sequence;
      wanted.expiration = old->content.expiration;
      const bool lasts = old->content.expiration - now > renewed_when_left && wanted.sequence >= least;
      if (lasts && identity::print(wanted, a.signer) == **kept) return old;
      wanted.sequence = static_cast<std::uint16_t>(old->content.sequence + 1);
    }
  }
  wanted.sequence = std::max(wanted.sequence, least);
  wanted.expiration = now + validity;
  auto text = identity::print(wanted, a.signer);
  if (auto done = disk::write_private_file(path, text); !done) return core::fail(done.error());
  return identity::parse_configuration(text, signers, now);
}

core::result<std::optional<std::uint16_t>> sequence_above(const identity::parsed_configuration& mine, std::string_view other,
                                                          core::wall_time now) {
  using none = std::optional<std::uint16_t>;
  if (other == mine.text) return none();
  auto known = mine.content;  // what signs a document after it may sign another of its number
  known.sequence = static_cast<std::uint16_t>(std::max<int>(known.sequence, 1) - 1);
  const std::vector<identity::certificate> no_others;
  const auto theirs = identity::parse_configuration(other, no_others, now, &known);
  if (!theirs && theirs.error() == identity::errc::older_document) return none();
  if (!theirs) return core::fail(theirs.error());
  if (theirs->content.sequence >= identity::sequence_max)
    return core::fail(identity::errc::older_document, "there is no sequence above it");
  return none(static_cast<std::uint16_t>(theirs->content.sequence + 1));
}

}  // namespace phyllo::node
