#include "record_route.hpp"

#include <span>

#include "location.hpp"
#include "message_edit.hpp"
#include "response_target.hpp"

namespace phyllo::sip {
namespace {

// A proxy that the phone was told of, and what this node put in once for each side, at both ends of a call of its own users.
constexpr std::size_t own_routes_max = 5;

std::string in_angles(const address& a) { return "<" + a.uri.text() + ">"; }

// s.16.4: "If the Request-URI of the request contains a value this proxy previously placed into a Record-Route header
// field, the proxy MUST replace the Request-URI ... with the last value from the Route header field, and remove that".
void undo_strict_route(message& m, const own_names& own, const token_sealer& sealer) {
  const auto target = m.request_uri();
  if (!own.is_self(target) || !open_dialog_token(sealer, target.user)) return;
  const auto routes = m.routes();
  if (routes.empty()) return;
  std::string all = "<" + target.text() + ">";
  for (const auto& r : std::span(routes).first(routes.size() - 1)) all.append(", ").append(in_angles(r));
  if (!set_request_uri(m, routes.back().uri.text())) return;
  remove_routes(m);
  push_route(m, all);
}

// False: it is the next hop's.
bool take(const uri& u, const own_names& own, const token_sealer& sealer, route_information& info) {
  if (u.user.empty()) return own.is_proxy(u);
  if (auto dialog = open_dialog_token(sealer, u.user)) {
    if (info.path || (info.dialog && *info.dialog != *dialog)) return false;
    info.dialog = std::move(dialog);
    return true;
  }
  if (!own.is_self(u) || info.dialog || info.path) return false;
  info.path = open_path_token(sealer, u.user);
  info.lost = !info.path;
  return true;
}

}  // namespace

route_information take_route(message& m, const own_names& own, const token_sealer& sealer) {
  undo_strict_route(m, own, sealer);
  route_information info;
  const auto& routes = m.routes();
  std::size_t taken = 0;
  while (taken < routes.size() && taken < own_routes_max && take(routes[taken].uri, own, sealer, info)) ++taken;
  info.circles = taken == own_routes_max && taken < routes.size() && own.is_proxy(routes[taken].uri);
  pop_routes(m, taken);
  return info;
}

void record_route(message& m, const own_names& own, const token_sealer& sealer, const dialog_token& t) {
  const auto token = seal(sealer, t);
  if (token.empty()) return;
  const bool sips = m.request_uri().secure();
  const auto put = [&](const dialog_end& e) { push_record_route(m, own_uri(own, token, e.over.by, sips)); };
  if (!t.caller.node && (t.callee.node || t.caller.over.by != t.callee.over.by)) put(t.caller);
  if (!t.callee.node || t.caller.node) put(t.callee);
}

std::optional<transport::endpoint> reachable_contact(const message& m, const source& from) {
  const auto contacts = m.contacts();
  if (reliable(from.by) || m.vias().size() != 1 || contacts.empty() || contacts.front().star) return std::nullopt;
  const auto at = resolve(contacts.front().uri);
  if (!at || at->by != protocol::udp || at->at.address != from.remote.address) return std::nullopt;
  return at->at;
}

dialog_end caller_end(const message& m, const source& from) {
  dialog_end e;
  e.beyond = m.vias().size() != (from.peer ? 2U : 1U);  // a node has added its own
  if (from.peer) {
    e.node = node_way{from.peer->node(), response_target(m, from).at, false};
    e.over.by = protocol::tls;
    return e;
  }
  e.over = flow_of(from);
  const auto contact = reachable_contact(m, from);
  if (contact && contact->port != from.remote.port) e.listens = contact->port;
  return e;
}

}  // namespace phyllo::sip
