// The proxy's awaiting half: authentication of callers, and the overlay asked for the callee.
#include <algorithm>
#include <functional>
#include <utility>

#include "proxy.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {
namespace {

std::string domain_of(const std::string& user) { return user.substr(user.rfind('@') + 1); }

bool leads_there(const std::vector<fork_way>& ways, const destination& to) {
  return std::ranges::any_of(
      ways, [&](const fork_way& w) { return !w.to.node && !to.node && w.to.by == to.by && w.to.at == to.at && w.to.flow == to.flow; });
}

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
core::awaitable<void> proxy::route(std::shared_ptr<context> c, std::optional<path_token> path) {
  if (c->answered) co_return;
  const auto claim = claim_of(*c->request, parts_.own, c->from, own_address_);
  const bool own_caller = claim.what == caller_claim::kind::ours;
  const auto callee = parts_.own.user_of(c->base->request_uri());
  // A node has asked those for whose domain it has authority, and nobody else. Within a dialog it has asked nobody: it passes on what an
  // end has sent, with Routes and a Request-URI that the end has chosen; and that it is of a dialog here, no token has shown.
  const bool asked = !c->in_dialog || !c->from.peer;
  const bool trusted = asked && c->who == standing::trusted && (!own_caller || !c->from.peer || speaks_for(c->from, claim.realm));
  if (!trusted) {
    c->who = standing::stranger;
    const bool admitted = co_await identify(c, claim);
    if (!admitted || c->answered || within_dialog(c, c->user)) co_return;
  }
  if (!c->user.empty()) c->caller_user = user_hash(c->user);
  if (trusted && own_caller && !claim.user.empty()) c->caller_user = user_hash(claim.user);
  // A path is in records that every certificate may read: only a node with authority for the domain may use it.
  if (path && asked && speaks_for(c->from, path->domain)) co_return to_phone(*c, *path);
  c->uniform = !trusted && c->who == standing::stranger;
  if (c->base->first_route() || !callee) {
    if (own_caller || trusted || !c->user.empty()) co_return reply(*c, 404, "Domain Not Reachable From Here");
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
  const auto a = co_await parts_.authenticator.check(c->request, challenger::proxy, claim.realm, c->from);
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
  } else if (a.result == outcome::limited) {
    unavailable(c, 503, "Too Many Wrong Passwords");
  } else {
    auto response = c.request->reply(407, {}, parts_.transactions.to_tag_for(c.id));
    parts_.authenticator.challenge(response, challenger::proxy, claim.user.empty() ? a.user : claim.user, claim.realm, c.from, a);
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
    targets = targets_for(*c, user, std::move(bindings));
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
  if (c->uniform && strangers_.answer != 0) co_return refuse_stranger(*c);
  const auto secret = co_await parts_.secrets(user, std::string("SHA-256"));
  if (!secret && secret.error() == overlay::errc::not_found) co_return reply(*c, 404);
  reply(*c, 480);
}

std::vector<fork_target> proxy::targets_for(const context& c, const std::string& user, std::vector<binding> bindings) const {
  std::ranges::sort(bindings, std::greater<>(), &binding::q_thousandths);
  std::vector<fork_target> out;
  const bool sips = c.request->request_uri().secure();
  for (const auto& b : bindings) {
    fork_target t;
    t.request_uri = retargeted(b.contact, sips);
    t.secure = b.contact.secure();
    t.q_thousandths = b.q_thousandths;
    for (const auto& w : ways_to(b, own_address_)) {
      auto way = ready(w, user_hash(user));
      // Of a phone that hangs on this node, the flow may be the very address that its Contact names.
      if (way && !leads_there(t.ways, way->to)) t.ways.push_back(std::move(*way));
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
