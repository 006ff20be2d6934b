// The configuration document that an overlay's operator publishes (RFC 6940 s.11.1).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "phyllo/disk/private_file.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/enrollment/overlay_authority.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::enrollment {
namespace {

constexpr auto validity = std::chrono::days(365);  // at least 90 days are left of any document that is published
constexpr auto renewed_when_left = std::chrono::days(180);

// What a supernode tells when it is asked: load, size of the routing table, uptime, values stored (RFC 7851 s.9.2).
constexpr std::array<std::uint16_t, 4> diagnostic_kinds{0x1, 0x2, 0x8, 0xb};

void restrict_kinds(const authority_settings& s, identity::configuration& d) {
  if (s.aor_domains.empty()) return;
  for (auto& k : d.kinds) {
    if (k.name == "SIP-REGISTRATION") k.domains = identity::domain_restrictions{true, s.aor_domains};
  }
}

void restrict_diagnostics(const authority_settings& s, identity::configuration& d) {
  if (s.diagnostic_nodes.empty()) return;
  for (const auto kind : diagnostic_kinds) d.diagnostics.push_back({kind, s.diagnostic_nodes});
}

identity::configuration describe(const authority_settings& s, const overlay_authority& a) {
  identity::configuration d;
  d.instance_name = s.overlay;
  d.root_certificates = {a.ca.certificate_der()};
  d.enrollment_servers = {s.enrollment_url};
  d.bootstrap_nodes = s.bootstrap;
  d.configuration_signers = {a.signer.certificate.node()};
  d.kinds = identity::standard_kinds();
  restrict_kinds(s, d);
  restrict_diagnostics(s, d);
  return d;
}

}  // namespace

core::result<std::vector<identity::node_id>> read_bad_nodes(const authority_settings& s) {
  auto out = s.bad_nodes;
  const auto& path = s.bad_nodes_file;
  if (path.empty()) return out;
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

core::result<identity::parsed_configuration> current_document(core::environment& env, const authority_settings& s,
                                                              const overlay_authority& a, std::uint16_t least) {
  auto wanted = describe(s, a);
  const auto path = s.directory + "/document.xml";
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

}  // namespace phyllo::enrollment
