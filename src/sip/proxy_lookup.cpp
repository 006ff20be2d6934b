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
    if (known_caller && c->in_dialog) co_return forward_along(c, along);
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
  const auto a = co_await parts_.authenticator.check(c->request, challenger::proxy, realm, c->from.remote.address);
  if (c->answered || !admitted(*c, a, *user)) co_return false;
  remove_proxy_credentials(*c->base, realm);
  co_return true;
}

bool proxy::admitted(context& c, const authentication& a, const std::string& user) {
  using outcome = authentication::outcome;
  if (a.result == outcome::accepted) parts_.transactions.prove(c.from);
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
    parts_.authenticator.challenge(response, challenger::proxy, user.substr(user.rfind('@') + 1), c.from.remote.address,
                                   a.result == outcome::stale);
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
  if (found) {
    auto bindings = to_bindings(found->values, overlay::node_id(), parts_.env.wall_now());
    targets = co_await targets_for(c, std::move(bindings));
    if (c->answered) co_return;
  }
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

core::awaitable<std::vector<fork_target>> proxy::targets_for(std::shared_ptr<context> c, std::vector<binding> bindings) {
  std::ranges::sort(bindings, std::greater<>(), &binding::q_thousandths);
  std::vector<fork_target> out;
  for (const auto& b : bindings) {
    fork_target t;
    t.request_uri = b.contact.text();
    t.q_thousandths = b.q_thousandths;
    for (const auto& w : ways_to(b, own_address_)) co_await add_ways(c, w, t.ways);
    if (!t.ways.empty()) out.push_back(std::move(t));
  }
  co_return out;
}

// A name in DNS may be several servers: each is a way of its own, tried when the one before has failed (RFC 3263 s.4.3).
core::awaitable<void> proxy::add_ways(std::shared_ptr<context> c, way w, std::vector<fork_way>& to) {
  if (!w.routes.empty() && parts_.own.is_self(w.next_hop)) {
    if (auto own = over_own_flow(*c, w)) to.push_back(std::move(*own));
    co_return;
  }
  const auto servers = co_await parts_.servers.find(w.next_hop);
  for (const auto& each : servers) {
    fork_way ready;
    ready.routes = w.routes;
    ready.to = each;
    to.push_back(std::move(ready));
  }
}

// A way whose first hop is this node is the flow its token names; from before our last start it leads nowhere.
std::optional<fork_way> proxy::over_own_flow(const context& c, const way& w) const {
  const auto token = parts_.signer.open(w.next_hop.user, c.request->call_id());
  if (!token || !token->flow) return std::nullopt;
  fork_way ready;
  ready.routes = w.routes;
  ready.routes.erase(ready.routes.begin());
  ready.over = token->flow;
  ready.to = token->flow->to();
  return ready;
}

core::awaitable<void> proxy::forward_by_name(std::shared_ptr<context> c, uri next) {
  const auto servers = co_await parts_.servers.find(std::move(next));
  if (c->answered) co_return;
  const route_information along;
  forward_to(*c, along, servers);
}

// s.8.1.2: an ACK of 2xx has no transaction, so only the first server gets it.
core::awaitable<void> proxy::acknowledge_by_name(message ack, uri next) {
  const auto servers = co_await parts_.servers.find(std::move(next));
  if (servers.empty() || !parts_.transactions.send_stateless(std::move(ack), servers.front())) parts_.metrics.drop("sip_unroutable_ack");
}

}  // namespace phyllo::sip
