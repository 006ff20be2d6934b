// The proxy's awaiting half: authentication of callers, and the overlay asked for the callee.
#include <algorithm>
#include <functional>
#include <utility>

#include "proxy.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {
namespace {

// The domain of ours for which the request bears credentials; "": none.
std::string realm_shown(const message& m, const own_names& own) {
  for (const auto& c : m.proxy_authorizations()) {
    const auto realm = c.get("realm").value_or("");
    if (std::ranges::find(own.domains, realm) != own.domains.end()) return realm;
  }
  return {};
}

}  // namespace

// A CANCEL may answer the request during each await: reply() then does nothing, and so must everything else.
core::awaitable<void> proxy::route(std::shared_ptr<context> c, bool trusted) {
  if (c->answered) co_return;
  const auto claim = claim_of(*c->request, parts_.own, c->from, own_address_);
  const bool own_caller = claim.what == caller_claim::kind::ours;
  const auto callee = parts_.own.user_of(c->base->request_uri());
  trusted = trusted || c->who == standing::trusted;
  if (!trusted) {
    const bool admitted = co_await identify(c, claim);
    if (!admitted || c->answered) co_return;
  }
  const bool known_caller = trusted || !c->user.empty();
  c->uniform = !trusted && c->who == standing::stranger;
  if (c->base->first_route() || !callee) {
    const route_information along;
    if (known_caller && c->in_dialog) co_return forward_along(c, along);
    if (own_caller || known_caller) co_return reply(*c, 404, "Domain Not Reachable From Here");
    co_return reply(*c, 403, "Relaying Denied");
  }
  if (c->uniform && !open_to_strangers(*c)) co_return refuse_stranger(*c);
  co_await locate(c, *callee);
}

// Who claims to be of ours, or shows credentials for a domain of ours under another name ("anonymous"), is asked; others stay strangers.
// False: the request is answered.
core::awaitable<bool> proxy::identify(std::shared_ptr<context> c, caller_claim claim) {
  if (claim.what == caller_claim::kind::malformed) {
    reply(*c, 403, "From Names No SIP Or Tel User");
    co_return false;
  }
  if (!authenticate_) {
    if (claim.what == caller_claim::kind::ours) c->who = standing::user;
    co_return true;
  }
  if (claim.what == caller_claim::kind::foreign) {
    claim.realm = realm_shown(*c->request, parts_.own);
    if (claim.realm.empty()) co_return true;
  }
  co_return co_await authorize(c, std::move(claim));
}

core::awaitable<bool> proxy::authorize(std::shared_ptr<context> c, caller_claim claim) {
  if (claim.realm.empty()) {
    reply(*c, 403, "Not A User Of This Domain");
    co_return false;
  }
  const auto a = co_await parts_.authenticator.check(c->request, challenger::proxy, claim.realm, c->from.remote.address);
  // An unknown user and a wrong password take different times to find out.
  if (a.result == authentication::outcome::refused) co_await core::sleep_until(parts_.env, c->arrived + strangers_.delay);
  if (c->answered || !admitted(*c, a, claim)) co_return false;
  c->who = standing::user;
  c->user = a.user;
  remove_proxy_credentials(*c->base, claim.realm);
  co_return true;
}

bool proxy::admitted(context& c, const authentication& a, const caller_claim& claim) {
  using outcome = authentication::outcome;
  if (a.result == outcome::accepted) parts_.transactions.prove(c.from);
  if (a.result == outcome::accepted && (claim.what == caller_claim::kind::foreign || a.user == claim.user)) return true;
  if (a.result == outcome::accepted) {
    reply(c, 403, "From Is Another User");
  } else if (a.result == outcome::malformed) {
    reply(c, 400, "Bad Credentials");
  } else if (a.result == outcome::unavailable) {
    unavailable(c, 503, "Credentials Not Available");
  } else {
    if (a.result == outcome::refused) parts_.metrics.drop("sip_credentials");
    auto response = c.request->reply(407, {}, parts_.transactions.to_tag_for(c.id));
    parts_.authenticator.challenge(response, challenger::proxy, claim.realm, c.from.remote.address, a.result == outcome::stale);
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
  if (c->uniform && strangers_.answer != 0) co_return refuse_stranger(*c);
  const auto secret = co_await parts_.secrets(user, std::string("SHA-256"));
  if (!secret && secret.error() == overlay::errc::not_found) co_return reply(*c, 404);
  reply(*c, 480);
}

core::awaitable<std::vector<fork_target>> proxy::targets_for(std::shared_ptr<context> c, std::vector<binding> bindings) {
  std::ranges::sort(bindings, std::greater<>(), &binding::q_thousandths);
  std::vector<fork_target> out;
  const bool sips = c->request->request_uri().secure();
  for (const auto& b : bindings) {
    fork_target t;
    t.request_uri = retargeted(b.contact, sips);
    t.secure = b.contact.secure();
    t.q_thousandths = b.q_thousandths;
    for (const auto& w : ways_to(b, own_address_)) {
      co_await add_ways(c, w, t.ways);
      if (c->answered) co_return out;
    }
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
