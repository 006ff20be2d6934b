#include <fmt/format.h>

#include <algorithm>

#include "configuration_terms.hpp"
#include "phyllo/identity/configuration.hpp"
#include "security_block.hpp"

namespace phyllo::identity {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string element(std::string_view name, std::string_view text) { return fmt::format("    <{0}>{1}</{0}>\n", name, escaped(text)); }
std::string element(std::string_view name, std::uint64_t number) { return element(name, std::to_string(number)); }
std::string element(std::string_view name, bool value) { return element(name, std::string_view(value ? "true" : "false")); }

std::string print_domains(const kind_definition& k) {
  if (!k.domains) return {};
  auto out = fmt::format("<domain-restrictions xmlns=\"{}\" enable=\"{}\">", sip_namespace, k.domains->enabled);
  for (const auto& p : k.domains->patterns) out += fmt::format("<pattern>{}</pattern>", escaped(p));
  return out + "</domain-restrictions>";
}

std::string print_kind(const kind_definition& k) {
  const auto attribute = k.name.empty() ? fmt::format("id=\"{}\"", k.id) : fmt::format("name=\"{}\"", escaped(k.name));
  const auto multiple =
      k.max_node_multiple == 0 ? std::string() : fmt::format("<max-node-multiple>{}</max-node-multiple>", k.max_node_multiple);
  return fmt::format(
      "<kind {}><data-model>{}</data-model><access-control>{}</access-control><max-count>{}</max-count><max-size>{}</max-size>{}{}</kind>",
      attribute, escaped(k.data_model), escaped(k.access_control), k.max_count, k.max_size, multiple, print_domains(k));
}

std::string print_block(const kind_definition& k, const credential& signer, bool with_certificate) {
  const auto kind = print_kind(k);
  const auto signature = security_block::sign(signer, kind, with_certificate).base64();
  return fmt::format("<kind-block>\n        {}\n        <kind-signature>{}</kind-signature>\n      </kind-block>", kind, signature);
}

std::string print_kinds(const std::vector<kind_definition>& kinds, const credential& signer) {
  if (kinds.empty()) return {};
  std::string out = "    <required-kinds>\n";
  for (const auto& k : kinds) out += "      " + print_block(k, signer, false) + "\n";
  return out + "    </required-kinds>\n";
}

std::string print_places(const configuration& c) {
  std::string out;
  for (const auto& der : c.root_certificates) out += element("root-cert", core::to_base64(der));
  for (const auto& url : c.enrollment_servers) out += element("enrollment-server", url);
  for (const auto& b : c.bootstrap_nodes) {
    out += fmt::format("    <bootstrap-node address=\"{}\" port=\"{}\"/>\n", escaped(b.address), b.port);
  }
  return out;
}

std::string print_numbers(const configuration& c) {
  return element("topology-plugin", c.topology_plugin) + element("node-id-length", std::uint64_t{c.node_id_length}) +
         element("max-message-size", std::uint64_t{c.max_message_size}) + element("initial-ttl", std::uint64_t{c.initial_ttl}) +
         element("overlay-reliability-timer", std::uint64_t{c.overlay_reliability_timer_ms}) +
         element("clients-permitted", c.clients_permitted) + element("no-ice", c.no_ice);
}

std::string print_chord(const configuration& c) {
  if (c.topology_plugin != chord_topology) return {};
  const auto own = [](std::string_view name, const auto& value) {
    return fmt::format("    <{0} xmlns=\"{1}\">{2}</{0}>\n", name, chord_namespace, value);
  };
  return own("chord-update-interval", c.chord.update_interval_s) + own("chord-ping-interval", c.chord.ping_interval_s) +
         own("chord-reactive", c.chord.reactive);
}

std::string print_signers(const configuration& c) {
  std::string out;
  for (const auto& id : c.configuration_signers) out += element("configuration-signer", id.hex());
  for (const auto& id : c.configuration_signers) out += element("kind-signer", id.hex());
  for (const auto& id : c.kind_signers) {
    const bool named = std::ranges::find(c.configuration_signers, id) != c.configuration_signers.end();
    if (!named) out += element("kind-signer", id.hex());
  }
  for (const auto& id : c.bad_nodes) out += element("bad-node", id.hex());
  return out;
}

std::string print_diagnostics(const configuration& c) {
  if (c.diagnostics.empty()) return {};
  auto out = element("mandatory-extension", diagnostics_namespace);
  for (const auto& d : c.diagnostics) {
    out += fmt::format("    <diagnostic-kind xmlns=\"{}\" kind=\"0x{:04x}\">", diagnostics_namespace, d.kind);
    for (const auto& id : d.nodes) out += fmt::format("<access-node>{}</access-node>", id.hex());
    out += "</diagnostic-kind>\n";
  }
  return out;
}

}  // namespace

std::string print_kind_block(const kind_definition& k, const credential& signer) { return print_block(k, signer, true); }

std::string print(const configuration& c, const credential& signer) {
  const auto signed_part = fmt::format("<configuration instance-name=\"{}\" sequence=\"{}\" expiration=\"{}\">\n", escaped(c.instance_name),
                                       c.sequence, core::to_iso8601(c.expiration)) +
                           print_numbers(c) + print_chord(c) + print_places(c) + print_signers(c) + print_diagnostics(c) +
                           print_kinds(c.kinds, signer) + "  </configuration>";
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<overlay xmlns=\"{}\">\n  {}\n  <signature>{}</signature>\n</overlay>\n",
                     base_namespace, signed_part, security_block::sign(signer, signed_part, true).base64());
}

std::vector<kind_definition> standard_kinds() {
  return {{resource_kind, "", "DICTIONARY", "PHYLLO-OWNER", 32, 4096},
          {0x1, "SIP-REGISTRATION", "DICTIONARY", "USER-NODE-MATCH", 32, 4096}};
}

}  // namespace phyllo::identity
