// The proxy's awaiting half: authentication of callers, and the overlay asked for the callee.
#include <algorithm>
#include <functional>
#include <utility>

#include "host_name.hpp"
#include "phyllo/core/source_limit.hpp"
#include "proxy.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {
namespace {

std::string domain_of(const std::string& user) { return user.substr(user.rfind('@') + 1); }

// Over its connection a node passes on the calls of many.
ringing_calls::caller caller_of(const proxy_context& c, const caller_claim& claim, bool trusted) {
  const bool own = claim.what == caller_claim::kind::ours;
  ringing_calls::caller by;
  by.stranger = c.uniform || (trusted && c.from.peer && !own);
  if (by.stranger) by.names.push_back("domain " + canonical_host(c.request->from().uri.host).value_or(""));
  if (by.stranger && !c.from.peer) by.names.push_back("address " + std::to_string(core::source_key(c.from.remote.address)));
  if (!by.stranger && (!trusted || c.from.peer)) by.names.push_back("user " + (c.user.empty() ? claim.user : c.user));
  return by;
}

}  // namespace

// A CANCEL may answer the request during each await: reply() then does nothing, and so must everything else.
core::awaitable<void> proxy::route(std::shared_ptr<context> c, std::optional<path_token> path) {
  if (c->answered) co_return;
  const auto claim = claim_of(*c->request, parts_.own, c->from, own_address_);
  const bool own_caller = claim.what == caller_claim::kind::ours;
  // A node has asked those for whose domain it has authority, and nobody else. Within a dialog it has asked nobody: it passes on what an
  // end has sent, with Routes and a Request-URI that the end has chosen; and that it is of a dialog here, no token has shown.
  const bool asked = !c->in_dialog || !c->from.peer;
  const bool trusted = asked && c->who == standing::trusted && (!own_caller || !c->from.peer || speaks_for(c->from, claim.realm));
  if (!trusted) {
    c->who = standing::stranger;
    const bool admitted = co_await identify(c, claim);
    if (!admitted || c->answered || within_dialog(c, c->user)) co_return;
  }
  if (own_caller || trusted || !c->user.empty()) {
    co_await learn_names(c);
    if (c->answered || within_dialog(c, c->user)) co_return;
  }
  const auto callee = parts_.own.callee_of(c->base->request_uri());
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
  c->caller = caller_of(*c, claim, trusted);
  if (!admitted_to(*c, *callee)) co_return;
  co_await locate(c, *callee);
}

// Phones may have been told of a node by a name that this one has never heard of: as their outbound proxy, or in place of the domain.
core::awaitable<void> proxy::learn_names(std::shared_ptr<context> c) {
  constexpr std::size_t looked_up_max = 3;  // of one request
  for (std::size_t asked = 0; asked < looked_up_max; ++asked) {
    const auto name = unknown_name(*c);
    if (!name) co_return;
    const bool found = co_await parts_.hosts.find(*name);
    if (!found || c->answered) co_return;
    const auto info = take_route(*c->base, parts_.own, parts_.sealer);
    if (c->in_dialog && !c->dialog) c->dialog = info.dialog;
  }
}

// What stands on top of the Route without a user, or else in the Request-URI, below a domain of ours: that domain's own servers are asked
// for it, and nobody learns from this node what its users write of others.
std::optional<std::string> proxy::unknown_name(const context& c) const {
  const auto first = c.base->first_route();
  const auto& u = first ? first->uri : c.base->request_uri();
  const bool known = host_address(u.host) || parts_.own.is_domain(u.host) || parts_.own.is_called(u.host);
  if (!u.is_sip() || known || (first && !u.user.empty()) || !parts_.own.is_below_domain(u.host)) return std::nullopt;
  return canonical_host(u.host);
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
  auto a = co_await parts_.authenticator.check(c->request, challenger::proxy, claim.realm, c->from);
  if (a.by_md5 && parts_.authenticator.unsure_of(a.user, c->from)) {
    const bool better = co_await known_to_do_better(a.user);
    if (better) a.result = authentication::outcome::weak;
    if (better) parts_.authenticator.learn_better(a.user, c->from);
  }
  // An unknown user and a wrong password take different times to find out.
  if (a.result == authentication::outcome::refused) co_await core::sleep_until(parts_.env, c->arrived + strangers_.delay);
  if (c->answered || !admitted(*c, a, claim)) co_return false;
  c->who = standing::user;
  c->user = a.user;
  remove_proxy_credentials(*c->base, claim.realm);
  co_return true;
}

// One of his phones has used SHA-256, at whatever node.
core::awaitable<bool> proxy::known_to_do_better(std::string user) {
  const auto found = co_await lookup_.get(std::move(user), false);
  if (!found || !*found) co_return false;
  const auto bindings = to_bindings((*found)->values, self_, parts_.env.wall_now());
  co_return std::ranges::any_of(bindings, registered_by_sha256);
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
    parts_.authenticator.challenge(response, challenger::proxy, claim.user.empty() ? a.user : claim.user, claim.realm, c.from, a,
                                   parts_.transactions.room_for(c.from));
    reply(c, std::move(response));
  }
  return false;
}

// False: it is answered.
bool proxy::admitted_to(context& c, const std::string& callee) {
  using verdict = ringing_calls::verdict;
  const auto v = ringing_.admit(c.ringing, callee, c.caller);
  if (v == verdict::admitted) return true;
  parts_.metrics.drop(v == verdict::callee_busy ? "sip_callee_calls" : "sip_caller_calls");
  if (v == verdict::callee_busy) reply(c, 486);
  if (v == verdict::caller_busy) unavailable(c, 503, "Too Many Calls Of This Caller");
  return false;
}

// Of the callee, and of whom his calls go on to.
core::awaitable<void> proxy::locate(std::shared_ptr<context> c, std::string user) {
  c->domain = domain_of(user);
  forwarding_search search(user);
  std::vector<fork_target> targets;
  while (const auto next = search.next()) {  // ends with forwarding_search's bound
    const auto answer = co_await lookup_.get(next->user, c->uniform);
    if (c->answered) co_return;
    const bool failed = answer && !*answer && answer->error() != overlay::errc::not_found;
    if (next->first && !answer) co_return unavailable(*c, 503, "Too Many Look-Ups");
    if (next->first && failed) co_return look_up_failed(*c, answer->error());
    if (answer && *answer) add_targets(*c, search, *next, (*answer)->values, targets);
  }
  if (targets.empty()) {
    co_await nobody_home(c, user);
    co_return;
  }
  std::ranges::sort(targets, std::greater<>(), &fork_target::q_thousandths);
  fork(*c, std::move(targets));
}

void proxy::add_targets(context& c, forwarding_search& search, const forwarding_search::place& at,
                        const std::vector<overlay::stored_value>& values, std::vector<fork_target>& targets) {
  auto bindings = to_bindings(values, self_, parts_.env.wall_now());
  std::erase_if(bindings, [&](const binding& b) {
    const auto other = targets_.forwarded_to(b.contact, c.domain);
    // Whoever calls him by others' numbers has no more of his places than whoever calls him by his own.
    if (other && search.add(*other, std::min(at.q_thousandths, b.q_thousandths)) &&
        ringing_.admit(c.ringing, *other, c.caller) != ringing_calls::verdict::admitted) {
      search.drop_last();
    }
    return other.has_value();
  });
  auto phones = targets_.phones_of(at.user, std::move(bindings), c.request->request_uri().secure(), at.q_thousandths);
  std::ranges::move(phones, std::back_inserter(targets));
}

void proxy::look_up_failed(context& c, const core::error& why) {
  log_.warning("a callee could not be looked up: {}", why.code().message());
  unavailable(c, why == overlay::errc::timed_out ? 504 : 503, "Look-Up Failed");
}

// 480: known, but without a phone at the moment; 404: "The server has definitive information that the user does not
// exist at the domain" (s.21.4.5).
core::awaitable<void> proxy::nobody_home(std::shared_ptr<context> c, std::string user) {
  if (c->uniform && strangers_.answer != 0) co_return refuse_stranger(*c);
  const auto secret = co_await parts_.secrets(user, std::string("SHA-256"), false);
  if (!secret && secret.error() == overlay::errc::not_found) co_return reply(*c, 404);
  reply(*c, 480);
}

}  // namespace phyllo::sip
