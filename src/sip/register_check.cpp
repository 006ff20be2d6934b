#include "register_check.hpp"

#include <algorithm>
#include <utility>

#include "message_fields.hpp"
#include "record_route.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t features_max = 1'024;  // of one Contact: its record holds them

std::string_view domain_part(std::string_view user) { return user.substr(user.rfind('@') + 1); }

bool wants_outbound(const message& m) {
  const auto is_it = [](std::string_view tag) { return equal_ignoring_case(tag, "outbound"); };
  return std::ranges::any_of(option_tags(m, field::supported), is_it) || std::ranges::any_of(option_tags(m, field::require), is_it);
}

// RFC 5626 s.6: this node is the first hop, or that one has said by "ob" in its Path that it is one.
bool first_hop_knows_flows(const message& m) {
  if (m.vias().size() == 1) return true;
  return !m.paths().empty() && m.paths().front().uri.parameter("ob").has_value();
}

std::optional<refusal> refused_contact(const message& m, const contact& c, const source& from, const own_names& own) {
  if (c.star) return std::nullopt;
  if (!c.uri.is_sip()) return refusal{403, "Contact Is No SIP URI"};
  // RFC 5630 s.3.1: whoever is called there is promised TLS on each hop, and the hop to this phone is none.
  if (c.uri.secure() && !secure(from.by)) return refusal{403, "A SIPS Contact Needs TLS"};
  if (c.features.size() > features_max) return refusal{403, "Too Many Contact Parameters"};
  const auto control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20; };
  if (std::ranges::any_of(c.features, control)) return refusal{400, "Control Characters In Contact"};
  // A phone is at an address of its own: calls to a node would come back here, as if from this node. Another user of the same domain is no
  // phone either: calls go on to him (s.16.5).
  const auto user = own.user_of(m.to().uri);
  const auto other = own.is_domain(c.uri.host) ? own.user_of(c.uri) : std::nullopt;
  if (user && other && *user != *other && domain_part(*user) == domain_part(*other)) return std::nullopt;
  if (own.is_domain(c.uri.host) || own.is_node(c.uri)) return refusal{403, "Contact Is No Phone"};
  return std::nullopt;
}

}  // namespace

std::optional<refusal> check_register(const message& m, const source& from, const own_names& own, std::size_t contacts_max) {
  const auto target = m.request_uri();
  // Steps 1 and 5 of s.10.3: the domain must be one that this registrar serves.
  if (!own.is_domain(target.host) && !own.is_called(target.host)) return refusal{404, "Not A Domain Of This Registrar"};
  if (came_insecurely(m, from) || (m.to().uri.secure() && !secure(from.by))) return refusal{480, "SIPS Not Allowed"};
  // Some may go as others come; more than that is work for nothing.
  if (m.contacts().size() > 4 * contacts_max) return refusal{403, "Too Many Contacts"};
  std::size_t over_flows = 0;
  for (const auto& c : m.contacts()) {
    if (const auto refused = refused_contact(m, c, from, own)) return refused;
    if (c.reg_id != 0 && c.expires.value_or(m.expires().value_or(1)) != 0) ++over_flows;
  }
  // RFC 5626 s.6: a flow is of one instance.
  if (over_flows > 1) return refusal{400, "One Contact A Flow"};
  if (over_flows > 0 && wants_outbound(m) && !first_hop_knows_flows(m)) return refusal{439, "First Hop Lacks Outbound Support"};
  return std::nullopt;
}

bool over_flow(const message& m) {
  const auto flow = [](const contact& c) { return c.reg_id != 0 && !c.instance.empty(); };
  return wants_outbound(m) && first_hop_knows_flows(m) && std::ranges::any_of(m.contacts(), flow);
}

registration_request read_register(const message& m, const source& from, const own_names& own, std::string own_path) {
  registration_request r;
  r.call_id = m.call_id();
  r.cseq = m.cseq().number;
  r.expires = m.expires();
  for (const auto& c : m.contacts()) {
    if (c.star) {
      r.star = true;
      continue;
    }
    const auto reg_id = first_hop_knows_flows(m) && !c.instance.empty() ? c.reg_id : 0;
    r.contacts.push_back({c.uri, c.q_thousandths, c.expires, std::string(c.instance), reg_id, c.features});
  }
  const auto phone = [&](const contact& c) { return !own.is_domain(c.uri.host); };
  r.this_node_only = !reachable_contact(m, from) && !over_flow(m) && std::ranges::any_of(m.contacts(), phone);
  r.path = path_texts(m);
  r.path.insert(r.path.begin(), std::move(own_path));
  return r;
}

}  // namespace phyllo::sip
