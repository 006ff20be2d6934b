#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "configuration_terms.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/names.hpp"
#include "signed_element.hpp"
#include "xml_reading.hpp"

namespace phyllo::identity {
namespace {

// What a document means that does not say: RFC 6940 s.11.1's defaults, not ours.
configuration rfc_defaults() {
  configuration c;
  c.sequence = 0;
  c.expiration = core::wall_time::max();
  c.topology_plugin = chord_topology;
  c.max_message_size = 5000;
  c.initial_ttl = 100;
  c.overlay_reliability_timer_ms = 3000;
  c.no_ice = false;
  return c;
}

struct document_reading {
  configuration& to;
};

// What one element does to the configuration; false: its content is not what the grammar asks for.
using reader = bool (*)(document_reading&, const pugi::xml_node&);

template <class T>
bool read_number(T& to, const pugi::xml_node& n, T least, T most) {
  const auto value = to_number<T>(text_of(n));
  if (!value || *value < least || *value > most) return false;
  to = *value;
  return true;
}

bool read_boolean(bool& to, const pugi::xml_node& n) {
  const auto value = to_boolean(text_of(n));
  if (value) to = *value;
  return value.has_value();
}

bool read_node(std::vector<node_id>& to, const pugi::xml_node& n) {
  const auto id = node_id::from_hex(text_of(n));
  if (id) to.push_back(*id);
  return id.has_value();
}

bool read_root_certificate(document_reading& r, const pugi::xml_node& n) {
  auto der = core::from_base64(n.child_value());
  if (!der || der->empty()) return false;
  r.to.root_certificates.push_back(*std::move(der));
  return true;
}

bool read_enrollment_server(document_reading& r, const pugi::xml_node& n) {
  const auto url = text_of(n);
  if (!url.starts_with("https://")) return false;  // "This URL MUST be of type "https:"."
  r.to.enrollment_servers.emplace_back(url);
  return true;
}

bool read_bootstrap_node(document_reading& r, const pugi::xml_node& n) {
  bootstrap_node b;
  b.address = trimmed(n.attribute("address").value());
  const auto port = n.attribute("port");
  if (port) {
    const auto value = to_number<std::uint16_t>(trimmed(port.value()));
    if (!value || *value == 0) return false;
    b.port = *value;
  }
  if (b.address.empty()) return false;
  r.to.bootstrap_nodes.push_back(std::move(b));
  return true;
}

constexpr std::size_t restrictions_max = 64;  // patterns of a Kind, nodes of a diagnostic Kind, and such Kinds

// RFC 7904 s.3.4 calls the element domain-restrictions in its text and domain-restriction in its grammar.
bool read_domains(kind_definition& k, const pugi::xml_node& kind) {
  for (const auto& n : kind.children()) {
    if (!is_element_of(n, sip_namespace, "domain-restrictions") && !is_element_of(n, sip_namespace, "domain-restriction")) continue;
    const auto enabled = n.attribute("enable") ? to_boolean(trimmed(n.attribute("enable").value())) : false;
    if (!enabled || k.domains) return false;
    k.domains = domain_restrictions{*enabled, {}};
    for (const auto& p : n.children()) {
      if (local_name(p) != "pattern") continue;
      k.domains->patterns.emplace_back(text_of(p));
      if (k.domains->patterns.size() > restrictions_max) return false;
    }
  }
  return true;
}

bool read_kind(kind_definition& k, const pugi::xml_node& kind) {
  k.name = kind.attribute("name").value();
  k.data_model = text_of(kind.child("data-model"));
  k.access_control = text_of(kind.child("access-control"));
  const auto id = to_number<std::uint32_t>(trimmed(kind.attribute("id").value()));
  const auto count = to_number<std::uint32_t>(text_of(kind.child("max-count")));
  const auto size = to_number<std::uint32_t>(text_of(kind.child("max-size")));
  if (k.name.empty() != id.has_value() || k.data_model.empty() || k.access_control.empty() || !count || !size) return false;
  if (id) k.id = *id;
  k.max_count = *count;
  k.max_size = *size;
  if (const auto multiple = kind.child("max-node-multiple")) {
    const auto i = to_number<std::uint32_t>(text_of(multiple));
    if (!i || *i == 0) return false;  // "It MUST be an integer greater than 0."
    k.max_node_multiple = *i;
  }
  if (!read_domains(k, kind)) return false;
  for (const auto& known : registered_kinds) {
    if (k.name != known.name && k.id != known.id) continue;
    k.id = known.id;
    k.name = known.name;
    k.data_model = known.data_model;
    k.access_control = known.access_control;
  }
  return true;
}

bool read_required_kinds(document_reading& r, const pugi::xml_node& n) {
  for (const auto& block : n.children("kind-block")) {
    kind_definition k;
    if (!read_kind(k, block.child("kind"))) return false;
    r.to.kinds.push_back(std::move(k));
  }
  return true;
}

// "the hexadecimal number indicating the diagnostic Kind ID", "at least one subelement" (RFC 7851 s.7).
bool read_diagnostic_kind(configuration& c, const pugi::xml_node& n) {
  auto digits = trimmed(n.attribute("kind").value());
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  diagnostic_access a;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), a.kind, 16);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return false;
  for (const auto& node : n.children()) {
    if (local_name(node) == "access-node" && !read_node(a.nodes, node)) return false;
  }
  c.diagnostics.push_back(std::move(a));
  return !c.diagnostics.back().nodes.empty() && c.diagnostics.back().nodes.size() <= restrictions_max &&
         c.diagnostics.size() <= restrictions_max;
}

// Elements that the topology plug-in CHORD-RELOAD has added (s.11.1); others of its namespace are for later versions.
bool read_chord(chord_settings& to, const pugi::xml_node& n) {
  constexpr std::uint32_t seconds_max = 86'400;
  const auto is = [&](std::string_view name) { return is_element_of(n, chord_namespace, name); };
  if (is("chord-update-interval")) return read_number<std::uint32_t>(to.update_interval_s, n, 1, seconds_max);
  if (is("chord-ping-interval")) return read_number<std::uint32_t>(to.ping_interval_s, n, 1, seconds_max);
  if (is("chord-reactive")) return read_boolean(to.reactive, n);
  return true;
}

bool ignore(document_reading&, const pugi::xml_node&) { return true; }

const std::map<std::string_view, reader>& readers() {
  static const std::map<std::string_view, reader> table{
      {"bad-node", [](document_reading& r, const pugi::xml_node& n) { return read_node(r.to.bad_nodes, n); }},
      {"bootstrap-node", read_bootstrap_node},
      {"clients-permitted", [](document_reading& r, const pugi::xml_node& n) { return read_boolean(r.to.clients_permitted, n); }},
      {"configuration-signer", [](document_reading& r, const pugi::xml_node& n) { return read_node(r.to.configuration_signers, n); }},
      {"enrollment-server", read_enrollment_server},
      {"initial-ttl", [](document_reading& r, const pugi::xml_node& n) { return read_number<std::uint8_t>(r.to.initial_ttl, n, 1, 255); }},
      {"kind-signer", [](document_reading& r, const pugi::xml_node& n) { return read_node(r.to.kind_signers, n); }},
      // A namespace that we do not know may change anything, so such an overlay is not for us.
      {"mandatory-extension",
       [](document_reading&, const pugi::xml_node& n) {
         const auto space = text_of(n);
         return space == sip_namespace || space == diagnostics_namespace;
       }},
      {"max-message-size",
       [](document_reading& r, const pugi::xml_node& n) { return read_number<std::uint32_t>(r.to.max_message_size, n, 1, 0xffffff); }},
      {"no-ice", [](document_reading& r, const pugi::xml_node& n) { return read_boolean(r.to.no_ice, n); }},
      {"node-id-length",
       [](document_reading& r, const pugi::xml_node& n) { return read_number<std::uint16_t>(r.to.node_id_length, n, 16, 16); }},
      {"overlay-link-protocol", ignore},
      {"overlay-reliability-timer",
       [](document_reading& r, const pugi::xml_node& n) {
         return read_number<std::uint32_t>(r.to.overlay_reliability_timer_ms, n, 200, 600000);
       }},
      {"required-kinds", read_required_kinds},
      {"root-cert", read_root_certificate},
      // Self-signed certificates would have no anchor: where they are permitted we do not join.
      {"self-signed-permitted", [](document_reading&, const pugi::xml_node& n) { return to_boolean(text_of(n)) == false; }},
      {"shared-secret", ignore},
      {"topology-plugin",
       [](document_reading& r, const pugi::xml_node& n) {
         r.to.topology_plugin = text_of(n);
         return true;
       }},
      {"turn-density", ignore},
  };
  return table;
}

core::status read_attributes(configuration& c, const pugi::xml_node& n) {
  c.instance_name = n.attribute("instance-name").value();
  if (!valid_overlay_name(c.instance_name))
    return core::fail(errc::malformed_document, "instance-name is missing or not an overlay's name");
  if (const auto a = n.attribute("sequence")) {
    const auto value = to_number<std::uint16_t>(trimmed(a.value()));
    if (!value || *value > sequence_max) return core::fail(errc::malformed_document, "sequence is not a number from 0 to 65534");
    c.sequence = *value;
  }
  if (const auto a = n.attribute("expiration")) {
    const auto value = to_time(trimmed(a.value()));
    if (!value) return core::fail(errc::malformed_document, "expiration is not a time like 2026-01-02T03:04:05Z");
    c.expiration = *value;
  }
  return {};
}

core::status read_elements(document_reading& r, const pugi::xml_node& configuration_element, const signed_element& where) {
  for (const auto& n : configuration_element.children()) {
    if (is_element_of(n, diagnostics_namespace, "diagnostic-kind") && !read_diagnostic_kind(r.to, n))
      return core::fail(errc::malformed_document, where.place(n) + ": unacceptable content of diagnostic-kind");
    if (!read_chord(r.to.chord, n)) return core::fail(errc::malformed_document, where.place(n) + ": unacceptable content of " + n.name());
    if (!is_plain_element(n)) continue;  // comments, and elements of other namespaces
    const auto found = readers().find(n.name());
    if (found == readers().end()) return core::fail(errc::malformed_document, where.place(n) + ": unknown element " + n.name());
    if (!found->second(r, n)) return core::fail(errc::malformed_document, where.place(n) + ": unacceptable content of " + n.name());
  }
  return {};
}

// Kind blocks "MUST be signed by a node listed in the kind-signers block"; the whole is signed by a
// configuration-signer anyway.
core::status check_kind(const configuration& c, const signed_element& whole, const pugi::xml_node& block,
                        const std::optional<security_block>& signature, const signer_check& check) {
  if (!signature) return core::fail(errc::bad_signature, whole.place(block) + ": no kind-signature");
  if (auto ok = check.by_any_of(c.kind_signers, *signature, whole.bytes_of(block.child("kind"))); !ok)
    return core::fail(ok.error().at(whole.place(block)));
  return {};
}

core::status check_kinds(const configuration& c, const signed_element& whole, const signer_check& check) {
  for (const auto& block : whole.root().child("required-kinds").children("kind-block")) {
    const auto signature = security_block::parse(block.child_value("kind-signature"));
    if (auto ok = check_kind(c, whole, block, signature, check); !ok) return ok;
  }
  return {};
}

// Of a document that has been checked.
std::vector<certificate> signers_of(const parsed_configuration& document) {
  std::vector<certificate> all;
  const auto found = signed_document::find(document.text, document.content.instance_name);
  if (!found) return all;
  for (const auto& s : found->signatures) all.insert(all.end(), s.certificates.begin(), s.certificates.end());
  return all;
}

core::status check_signature(const signed_document& d, const configuration& c, signer_check& check, const configuration* known) {
  core::status last = core::fail(errc::bad_signature, "no signature follows the configuration");
  for (const auto& block : d.signatures) {
    check.add(block.certificates);
    last = check.by_any_of(c.configuration_signers, block, d.element.bytes());
    if (last && known != nullptr) last = check.was_signer_of(*known, block);
    if (last) return last;
  }
  return last;
}

}  // namespace

core::result<parsed_configuration> parse_configuration(std::string_view text, const std::vector<certificate>& signers, core::wall_time now,
                                                       const configuration* known) {
  auto document = signed_document::find(text, known == nullptr ? std::string_view() : known->instance_name);
  if (!document) return core::fail(document.error());
  parsed_configuration p{rfc_defaults(), std::string(text)};
  document_reading r{p.content};
  if (auto ok = read_attributes(p.content, document->element.root()); !ok) return core::fail(ok.error());
  if (auto ok = read_elements(r, document->element.root(), document->element); !ok) return core::fail(ok.error());
  if (p.content.topology_plugin != pastry_topology && p.content.topology_plugin != chord_topology)
    return core::fail(errc::malformed_document,
                      fmt::format("the topology plug-in of this overlay is \"{}\", and only {} and {} are known here",
                                  p.content.topology_plugin, pastry_topology, chord_topology));
  auto check = signer_check::create(p.content, signers, now);
  if (!check) return core::fail(check.error());
  if (auto ok = check_signature(*document, p.content, *check, known); !ok) return core::fail(ok.error());
  if (auto ok = check_kinds(p.content, document->element, *check); !ok) return core::fail(ok.error());
  if (now > p.content.expiration)
    return core::fail(errc::expired, "the configuration document, at " + core::to_iso8601(p.content.expiration));
  if (known != nullptr && p.content.sequence <= known->sequence) {
    return core::fail(errc::older_document, fmt::format("sequence {} after {}", p.content.sequence, known->sequence));
  }
  return p;
}

core::result<kind_block> parse_kind_block(std::string_view text, const parsed_configuration& current,
                                          const std::vector<certificate>& signers, core::wall_time now) {
  const auto element = signed_element::parse(text);
  if (!element) return core::fail(element.error());
  const auto root = element->root();
  if (local_name(root) != "kind-block") return core::fail(errc::malformed_document, "the root element is not <kind-block>");
  const auto kind = signed_element::parse(element->bytes_of(root.child("kind")));  // what is signed, and nothing beside it
  if (!kind) return core::fail(kind.error());
  kind_block out{{}, {}, std::string(text)};
  if (std::string_view(kind->root().name()) != "kind" || !read_kind(out.definition, kind->root()))
    return core::fail(errc::malformed_document, element->place(root) + ": unacceptable content of kind");
  auto check = signer_check::create(current.content, signers, now);
  if (!check) return core::fail(check.error());
  check->add(signers_of(current));
  const auto signature = security_block::parse(root.child_value("kind-signature"));
  if (signature) check->add(signature->certificates);
  if (auto ok = check_kind(current.content, *element, root, signature, *check); !ok) return core::fail(ok.error());
  out.signer = check->signer_of(signature->signature)->node();
  return out;
}

std::string kind_block_of(const parsed_configuration& document, std::uint32_t kind) {
  const auto found = signed_document::find(document.text, document.content.instance_name);
  if (!found) return {};
  for (const auto& block : found->element.root().child("required-kinds").children("kind-block")) {
    kind_definition k;
    if (read_kind(k, block.child("kind")) && k.id == kind) return std::string(found->element.bytes_of(block));
  }
  return {};
}

}  // namespace phyllo::identity
