// The proxy's awaiting half: authentication of callers, and the overlay asked for the callee.
#include <algorithm>
#include <functional>
#include <utility>

#include "proxy.hpp"

namespace phyllo::sip {

// A CANCEL may answer the request during each await: reply() then does nothing, and so must everything else.
core::awaitable<void> proxy::route(std::shared_ptr<context> c, bool trusted) {
  if (c->answered) co_return;
  const auto caller = c->request->from().uri;
  const bool own_caller = parts_.own.is_domain(caller.host) || parts_.own.is_self(caller);
  const auto callee = parts_.own.user_of(c->base->request_uri());
  bool known_caller = trusted;
  if (!trusted && own_caller && authenticate_) {
    known_caller = co_await authorize(c);
    if (!known_caller || c->answered) co_return;
  }
  if (c->base->first_route() || !callee) {
    const route_information along;
    if (known_caller && c->in_dialog) co_return forward_along(*c, along);
    if (own_caller) co_return reply(*c, 404, "Domain Not Reachable From Here");
    co_return reply(*c, 403, "Relaying Denied");
  }
  co_await locate(c, *callee);
}

core::awaitable<bool> proxy::authorize(std::shared_ptr<context> c) {
  const auto user = parts_.own.user_of(c->request->from().uri);
  if (!user) {
    reply(*c, 403, "Not A User Of This Domain");
    co_return false;
  }
  const auto realm = user->substr(user->rfind('@') + 1);
  const auto a = co_await parts_.authenticator.check(c->request, challenger::proxy, realm);
  if (c->answered || !admitted(*c, a, *user)) co_return false;
  remove_proxy_credentials(*c->base, realm);
  co_return true;
}

bool proxy::admitted(context& c, const authentication& a, const std::string& user) {
  using outcome = authentication::outcome;
  if (a.result == outcome::accepted && a.user == user) return true;
  if (a.result == outcome::accepted) {
    reply(c, 403, "From Is Another User");
  } else if (a.result == outcome::malformed) {
    reply(c, 400, "Bad Credentials");
  } else if (a.result == outcome::unavailable) {
    unavailable(c, 503, "Credentials Not Available");
  } else {
    if (a.result == outcome::refused) parts_.metrics.drop("sip_credentials");
    auto response = c.request->reply(407, {}, parts_.transactions.to_tag_for(c.id));
    parts_.authenticator.challenge(response, challenger::proxy, user.substr(user.rfind('@') + 1), a.result == outcome::stale);
    reply(c, std::move(response));
  }
  return false;
}

core::awaitable<void> proxy::locate(std::shared_ptr<context> c, std::string user) {
  const overlay::read_options o;
  const auto found = co_await parts_.overlay.get(std::string(), location_name(user), o);
  if (c->answered) co_return;
  if (!found && found.error() != overlay::errc::not_found) {
    log_.warning("a callee could not be looked up: {}", found.error().code().message());
    co_return unavailable(*c, found.error() == overlay::errc::timed_out ? 504 : 503, "Look-Up Failed");
  }
  std::vector<fork_target> targets;
  if (found) targets = targets_for(*c, to_bindings(found->values, overlay::node_id(), parts_.env.wall_now()));
  if (targets.empty()) {
    co_await nobody_home(c, user);
    co_return;
  }
  fork(*c, std::move(targets));
}

// 480: known, but without a phone at the moment; 404: "The server has definitive information that the user does not
// exist at the domain" (s.21.4.5).
core::awaitable<void> proxy::nobody_home(std::shared_ptr<context> c, std::string user) {
  const auto secret = co_await parts_.secrets(user, std::string("SHA-256"));
  if (!secret && secret.error() == overlay::errc::not_found) co_return reply(*c, 404);
  reply(*c, 480);
}

std::vector<fork_target> proxy::targets_for(const context& c, std::vector<binding> bindings) const {
  std::ranges::sort(bindings, std::greater<>(), &binding::q_thousandths);
  std::vector<fork_target> out;
  for (const auto& b : bindings) {
    fork_target t;
    t.request_uri = b.contact.text();
    t.q_thousandths = b.q_thousandths;
    for (const auto& w : ways_to(b, own_address_)) {
      if (auto ready = usable(c, w)) t.ways.push_back(std::move(*ready));
    }
    if (!t.ways.empty()) out.push_back(std::move(t));
  }
  return out;
}

// A way whose first hop is this node is the flow its token names; from before our last start it leads nowhere.
std::optional<fork_way> proxy::usable(const context& c, const way& w) const {
  fork_way ready;
  ready.routes = w.routes;
  if (!w.routes.empty() && parts_.own.is_self(w.next_hop)) {
    const auto token = parts_.signer.open(w.next_hop.user, c.request->call_id());
    if (!token || !token->flow) return std::nullopt;
    ready.routes.erase(ready.routes.begin());
    ready.over = token->flow;
    ready.to = token->flow->to();
    return ready;
  }
  const auto to = resolve(w.next_hop);
  if (!to) return std::nullopt;
  ready.to = *to;
  return ready;
}

}  // namespace phyllo::sip
