#include "own_names.hpp"

#include <algorithm>
#include <iterator>

#include "host_name.hpp"

namespace phyllo::sip {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view host) {
  const auto wanted = canonical_host(host);
  return wanted && std::ranges::any_of(list, [&](const std::string& own) { return own == host || wanted == canonical_host(own); });
}

// A certificate's name (RFC 6125 s.6.4.3): "*" is the whole first label, and stands for one.
bool names_host(const std::string& pattern, const std::string& host) {
  if (!pattern.starts_with("*.")) return canonical_host(pattern) == host;
  const auto dot = host.find('.');
  return dot != std::string::npos && dot != 0 && same_host(pattern.substr(2), host.substr(dot + 1));
}

// RFC 3966 s.3: "+49 (30) 123-4" is the number +49301234; visual separators do not count.
std::string number_of(std::string_view subscriber) {
  constexpr std::string_view separators = "-.() ";
  std::string out;
  std::ranges::copy_if(subscriber.substr(0, subscriber.find(';')), std::back_inserter(out),
                       [&](char c) { return separators.find(c) == std::string_view::npos; });
  return out;
}

// RFC 3966 s.5.1.5: whose numbering a local number is of; "" for a global one.
std::string phone_context_of(std::string_view subscriber) {
  uri parameters;
  if (const auto semicolon = subscriber.find(';'); semicolon != std::string_view::npos)
    parameters.parameters = subscriber.substr(semicolon + 1);
  return parameters.parameter("phone-context").value_or("");
}

}  // namespace

bool own_names::is_domain(std::string_view host) const { return contains(domains, host); }

bool own_names::is_below_domain(std::string_view host) const {
  const auto name = canonical_host(host);
  const auto above = [&](const std::string& domain) { return name->ends_with("." + canonical_host(domain).value_or(domain)); };
  return name && std::ranges::any_of(domains, above);
}

bool own_names::is_node(std::string_view host) const {
  if (contains(addresses, host)) return true;
  if (const auto a = host_address(host)) return is_supernode && is_supernode(*a);
  // A name elsewhere may be another's domain too, and one that "*" stands for another host's: their users are theirs.
  return contains(hosts, host) && is_below_domain(host);
}

bool own_names::is_called(std::string_view host) const {
  if (is_node(host)) return true;
  const auto name = canonical_host(host);
  if (!name) return false;
  const auto named = [&](const std::string& each) { return names_host(each, *name); };
  return std::ranges::any_of(hosts, named) || (is_found && is_found(*name));
}

bool own_names::own_port(const uri& u) const {
  const auto port = u.port.value_or(u.secure() ? sips_port : sip_port);
  return port == sip_port || port == sips_port;
}

bool own_names::listens(const uri& u) const {
  return own_port(u) || (u.port && std::ranges::find(other_ports, *u.port) != other_ports.end());
}

bool own_names::is_node(const uri& u) const { return u.is_sip() && is_node(u.host) && own_port(u); }

bool own_names::is_self(const uri& u) const { return u.is_sip() && contains(addresses, u.host) && own_port(u); }

bool own_names::is_self(const via& v) const {
  return contains(addresses, v.host) && (v.port == 0 || v.port == sip_port || v.port == sips_port);
}

bool own_names::is_proxy(const uri& u) const { return u.is_sip() && (is_domain(u.host) || (listens(u) && is_called(u.host))); }

std::optional<std::string> own_names::user_of(const uri& u) const {
  if (u.scheme == "tel") {
    const auto context = phone_context_of(u.opaque);
    if (context.empty() || context.starts_with('+')) return user_named(number_of(context + u.opaque));
    if (!is_domain(context)) return std::nullopt;
    return number_of(u.opaque) + "@" + *canonical_host(context);
  }
  if (!u.is_sip() || u.user.empty()) return std::nullopt;
  if (is_domain(u.host)) return u.address_of_record();
  if (!is_node(u)) return std::nullopt;
  return user_named(u.user_unescaped());
}

std::optional<std::string> own_names::callee_of(const uri& u) const {
  if (auto user = user_of(u)) return user;
  return u.is_sip() && own_port(u) && is_called(u.host) ? user_named(u.user_unescaped()) : std::nullopt;
}

std::optional<std::string> own_names::user_named(const std::string& user) const {
  if (domains.size() != 1 || user.empty()) return std::nullopt;
  return user + "@" + canonical_host(domains.front()).value_or(domains.front());
}

std::vector<std::string> own_names::all() const {
  std::vector<std::string> out;
  for (const auto* list : {&domains, &addresses}) {
    for (const auto& host : *list) out.push_back(canonical_host(host).value_or(host));
  }
  return out;
}

std::string own_uri(const own_names& own, std::string_view user, protocol by, bool sips) {
  std::string out = sips ? "<sips:" : "<sip:";
  if (!user.empty()) out.append(user).append("@");
  out += own.addresses.front() + ":" + std::to_string(secure(by) ? own.sips_port : own.sip_port);
  if (by == protocol::tcp) out += ";transport=tcp";
  if (by == protocol::tls && !sips) out += ";transport=tls";
  if (over_websocket(by)) out += ";transport=ws";  // RFC 7118 s.5.2.1: of WSS too
  return out + ";lr>";
}

std::optional<destination> resolve(const uri& u) {
  const auto address = host_address(u.host);
  if (!u.is_sip() || !address) return std::nullopt;
  destination d;
  d.by = u.secure() ? protocol::tls : protocol::udp;
  if (const auto transport = u.parameter("transport"); transport && !u.secure()) {
    const auto by = protocol_of(*transport);
    if (!by) return std::nullopt;
    d.by = *by;
  }
  d.at.address = *address;
  d.at.port = u.port.value_or(default_port(d.by));
  return d;
}

}  // namespace phyllo::sip
