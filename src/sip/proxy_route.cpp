// The proxy's awaiting half: what becomes of a request that is of no dialog here, or whose sender is to be asked first.
#include <utility>

#include "host_name.hpp"
#include "message_fields.hpp"
#include "phyllo/core/source_limit.hpp"
#include "proxy.hpp"

namespace phyllo::sip {
namespace {

// Over its connection a node passes on the calls of many.
ringing_calls::caller caller_of(const proxy_context& c, const caller_claim& claim, bool trusted) {
  const bool own = claim.what == caller_claim::kind::ours;
  ringing_calls::caller by;
  by.stranger = c.caller.uniform || (trusted && c.from.peer && !own);
  if (by.stranger) by.names.push_back("domain " + canonical_host(c.request->from().uri.host).value_or(""));
  if (by.stranger && !c.from.peer) by.names.push_back("address " + std::to_string(core::source_key(c.from.remote.address)));
  if (!by.stranger && (!trusted || c.from.peer)) by.names.push_back("user " + (c.caller.user.empty() ? claim.user : c.caller.user));
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
  const bool trusted = asked && c->caller.who == standing::trusted && (!own_caller || !c->from.peer || speaks_for(c->from, claim.realm));
  if (!trusted) {
    c->caller.who = standing::stranger;
    const bool admitted = co_await admission_.identify(c, claim);
    if (!admitted || c->answered || dialogs_.forward(c, c->caller.user)) co_return;
  }
  if (own_caller || trusted || !c->caller.user.empty()) {
    co_await finder_.learn_names(c);
    if (c->answered || dialogs_.forward(c, c->caller.user)) co_return;
  }
  const auto callee = parts_.own.callee_of(c->base->request_uri());
  if (!c->caller.user.empty()) c->caller.hash = user_hash(c->caller.user);
  if (trusted && own_caller && !claim.user.empty()) c->caller.hash = user_hash(claim.user);
  // A path is in records that every certificate may read: only a node with authority for the domain may use it.
  if (path && asked && speaks_for(c->from, path->domain)) co_return dialogs_.to_phone(*c, *path);
  c->caller.uniform = !trusted && c->caller.who == standing::stranger;
  if (first_route(*c->base) || !callee) {
    if (own_caller || trusted || !c->caller.user.empty()) co_return replies_.reply(*c, 404, "Domain Not Reachable From Here");
    co_return replies_.reply(*c, 403, "Relaying Denied");
  }
  if (c->caller.uniform && !strangers_.open_to(*c)) co_return strangers_.refuse(*c);
  c->caller.bounds = caller_of(*c, claim, trusted);
  if (!finder_.admitted_to(*c, *callee)) co_return;
  co_await finder_.locate(c, *callee);
}

}  // namespace phyllo::sip
