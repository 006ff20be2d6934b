#include "caller_admission.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::sip {

// A CANCEL may answer the request during each await: reply() then does nothing, and so must everything else.
core::awaitable<bool> caller_admission::identify(std::shared_ptr<proxy_context> c, caller_claim claim) {
  if (claim.what == caller_claim::kind::malformed) {
    parts_.replies.reply(*c, 403, "From Names No SIP Or Tel User");
    co_return false;
  }
  if (!authenticate_) {
    if (claim.what == caller_claim::kind::ours) c->caller.who = standing::user;
    co_return true;
  }
  if (claim.what == caller_claim::kind::foreign) {
    claim.realm = realm_shown(*c->request, parts_.own);
    if (claim.realm.empty()) co_return true;
  }
  co_return co_await authorize(c, std::move(claim));
}

core::awaitable<bool> caller_admission::authorize(std::shared_ptr<proxy_context> c, caller_claim claim) {
  if (claim.realm.empty()) {
    parts_.replies.reply(*c, 403, "Not A User Of This Domain");
    co_return false;
  }
  auto a = co_await parts_.authenticator.check(c->request, challenger::proxy, claim.realm, c->from);
  if (a.by_md5 && parts_.authenticator.unsure_of(a.user, c->from)) {
    const bool better = co_await known_to_do_better(a.user);
    if (better) a.result = authentication::outcome::weak;
    if (better) parts_.authenticator.learn_better(a.user, c->from);
  }
  // An unknown user and a wrong password take different times to find out.
  if (a.result == authentication::outcome::refused) co_await core::sleep_until(parts_.env, parts_.strangers.due(*c));
  if (c->answered || !admitted(*c, a, claim)) co_return false;
  c->caller.who = standing::user;
  c->caller.user = a.user;
  remove_proxy_credentials(*c->base, claim.realm);
  co_return true;
}

// One of his phones has used SHA-256, at whatever node.
core::awaitable<bool> caller_admission::known_to_do_better(std::string user) {
  const auto found = co_await parts_.lookup.get(std::move(user), false);
  if (!found || !*found) co_return false;
  const auto bindings = to_bindings((*found)->values, self_, parts_.env.wall_now());
  co_return std::ranges::any_of(bindings, registered_by_sha256);
}

bool caller_admission::admitted(proxy_context& c, const authentication& a, const caller_claim& claim) {
  using outcome = authentication::outcome;
  if (a.result == outcome::accepted) parts_.transactions.prove(c.from);
  if (a.result == outcome::accepted && (claim.what == caller_claim::kind::foreign || a.user == claim.user)) return true;
  if (a.result == outcome::accepted) {
    parts_.replies.reply(c, 403, "From Is Another User");
  } else if (a.result == outcome::malformed) {
    parts_.replies.reply(c, 400, "Bad Credentials");
  } else if (a.result == outcome::unavailable) {
    parts_.replies.unavailable(c, 503, "Credentials Not Available");
  } else if (a.result == outcome::limited) {
    parts_.replies.unavailable(c, 503, "Too Many Wrong Passwords");
  } else {
    challenge(c, a, claim);
  }
  return false;
}

void caller_admission::challenge(proxy_context& c, const authentication& a, const caller_claim& claim) {
  auto response = parts_.replies.response_to(c, 407);
  parts_.authenticator.challenge(response, challenger::proxy, claim.user.empty() ? a.user : claim.user, claim.realm, c.from, a,
                                 parts_.transactions.room_for(c.from));
  parts_.replies.reply(c, std::move(response));
}

}  // namespace phyllo::sip
