#include "record_route.hpp"

#include "location.hpp"

namespace phyllo::sip {
namespace {

std::string in_angles(const address& a) { return "<" + a.uri.text() + ">"; }

// s.16.4: "If the Request-URI of the request contains a value this proxy previously placed into a Record-Route header
// field, the proxy MUST replace the Request-URI ... with the last value from the Route header field, and remove that".
void undo_strict_route(message& m, const own_names& own, const token_signer& signer) {
  const auto target = m.request_uri();
  if (!own.is_self(target) || !signer.open(target.user, m.call_id())) return;
  const auto routes = m.routes();
  if (routes.empty()) return;
  std::vector<std::string> texts;
  for (const auto& r : routes) texts.push_back(in_angles(r));
  if (!m.set_request_uri(routes.back().uri.text())) return;
  texts.pop_back();
  m.remove_routes();
  m.push_route("<" + target.text() + ">");
  for (const auto& t : texts) m.append_route(t);
}

}  // namespace

route_information take_route(message& m, const own_names& own, const token_signer& signer, const source& from) {
  undo_strict_route(m, own, signer);
  route_information info;
  for (auto first = m.first_route(); first && own.is_self(first->uri); first = m.first_route()) {
    const auto token = signer.open(first->uri.user, m.call_id());
    const bool named = !first->uri.user.empty();
    m.pop_route();
    if (!token) {
      info.lost_flow = named;
      continue;
    }
    if (token->purpose == flow_token::use::path) {
      info.to_phone = true;
    } else {
      info.in_dialog = !m.to_tag().empty();
    }
    // RFC 5626 s.5.3: a request that came over the token's flow goes on from it, any other over it.
    if (token->flow && !token->flow->same_as(flow_of(from))) info.over = token->flow;
  }
  return info;
}

void record_route(message& m, const own_names& own, const token_signer& signer, const dialog_side& caller, const dialog_side& callee) {
  const bool sips = m.request_uri().secure();
  const auto put = [&](const dialog_side& side) {
    const auto token = signer.seal({flow_token::use::record_route, side.flow}, m.call_id());
    m.push_record_route(own_uri(own, token, side.by, sips));
  };
  if (caller.by != callee.by || caller.flow || callee.flow) put(caller);
  put(callee);
}

std::optional<transport::endpoint> reachable_contact(const message& m, const source& from) {
  const auto contacts = m.contacts();
  if (reliable(from.by) || m.vias().size() != 1 || contacts.empty() || contacts.front().star) return std::nullopt;
  const auto at = resolve(contacts.front().uri);
  if (!at || at->by != protocol::udp || at->at.address != from.remote.address) return std::nullopt;
  return at->at;
}

dialog_side caller_side(const message& m, const source& from) {
  dialog_side side;
  side.by = from.by;
  if (m.vias().size() == 1 && !reachable_contact(m, from)) side.flow = flow_of(from);
  return side;
}

}  // namespace phyllo::sip
