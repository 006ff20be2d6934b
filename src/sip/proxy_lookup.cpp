// The proxy's awaiting half: authentication of callers, and the overlay asked for the callee.
#include <algorithm>
#include <functional>
#include <utility>

#include "proxy.hpp"

namespace phyllo::sip {
namespace {

std::string domain_of(const std::string& user) { return user.substr(user.rfind('@') + 1); }

}  // namespace

// A CANCEL may answer the request during each await: reply() then does nothing, and so must everything else.
core::awaitable<void> proxy::route(std::shared_ptr<context> c, std::optional<path_token> path) {
  if (c->answered) co_return;
  const auto caller = c->request->from().uri;
  const bool own_caller = parts_.own.is_domain(caller.host) || parts_.own.is_self(caller);
  const auto user = parts_.own.user_of(caller);
  // A node with authority for the caller's domain has asked him.
  const bool asserted = user && speaks_for(c->from, domain_of(*user));
  if (own_caller && authenticate_ && !asserted) {
    const bool known = co_await authorize(c);
    if (!known || c->answered || within_dialog(c, *user)) co_return;
  }
  if (user && (authenticate_ || asserted)) c->caller_user = user_hash(*user);
  // A path is in records that every certificate may read: only a node with authority for the domain may use it.
  if (path && speaks_for(c->from, path->domain)) co_return to_phone(*c, *path);
  const auto callee = parts_.own.user_of(c->base->request_uri());
  if (c->base->first_route() || !callee) {
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
  const auto realm = domain_of(*user);
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
    parts_.authenticator.challenge(response, challenger::proxy, domain_of(user), c.from.remote.address, a.result == outcome::stale);
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
    targets = targets_for(user, std::move(bindings));
  }
  if (targets.empty()) {
    co_await nobody_home(c, user);
    co_return;
  }
  c->domain = domain_of(user);
  fork(*c, std::move(targets));
}

// 480: known, but without a phone at the moment; 404: "The server has definitive information that the user does not
// exist at the domain" (s.21.4.5).
core::awaitable<void> proxy::nobody_home(std::shared_ptr<context> c, std::string user) {
  const auto secret = co_await parts_.secrets(user, std::string("SHA-256"));
  if (!secret && secret.error() == overlay::errc::not_found) co_return reply(*c, 404);
  reply(*c, 480);
}

std::vector<fork_target> proxy::targets_for(const std::string& user, std::vector<binding> bindings) const {
  std::ranges::sort(bindings, std::greater<>(), &binding::q_thousandths);
  std::vector<fork_target> out;
  for (const auto& b : bindings) {
    fork_target t;
    t.request_uri = b.contact.text();
    t.q_thousandths = b.q_thousandths;
    for (const auto& w : ways_to(b, own_address_)) {
      if (auto way = ready(w, user_hash(user))) t.ways.push_back(std::move(*way));
    }
    if (!t.ways.empty()) out.push_back(std::move(t));
  }
  return out;
}

// A way through this node is the flow that its token names, if it is this user's.
std::optional<fork_way> proxy::ready(const way& w, std::uint64_t user) const {
  fork_way out;
  dialog_end end;
  end.user = user;
  if (w.direct) {
    end.over.remote = *w.direct;
  } else if (w.node.id != self_) {
    end.node = w.node;
    end.over.by = protocol::tls;
    out.routes = w.routes;
  } else {
    const auto own = uri_within(w.routes.front());
    const auto path = own ? open_path_token(parts_.sealer, own->user) : std::nullopt;
    if (!path || path->phone.user != user || !leads_to_phone(*path, parts_.env.wall_now(), self_)) return std::nullopt;
    end = path->phone;
    out.routes.assign(std::next(w.routes.begin()), w.routes.end());
  }
  out.to = end.to();
  out.callee = end;
  return out;
}

}  // namespace phyllo::sip
