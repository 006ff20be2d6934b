#include "callee_finder.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "host_name.hpp"
#include "message_fields.hpp"

namespace phyllo::sip {
namespace {

std::string domain_of(const std::string& user) { return user.substr(user.rfind('@') + 1); }

}  // namespace

core::awaitable<void> callee_finder::learn_names(std::shared_ptr<proxy_context> c) {
  constexpr std::size_t looked_up_max = 3;  // of one request
  for (std::size_t asked = 0; asked < looked_up_max; ++asked) {
    const auto name = unknown_name(*c);
    if (!name) co_return;
    const bool found = co_await parts_.hosts.find(*name);
    if (!found || c->answered) co_return;
    const auto info = take_route(*c->base, parts_.own, parts_.sealer);
    if (c->in_dialog && !c->dialog.token) c->dialog.say(info.dialog);
  }
}

// What stands on top of the Route without a user, or else in the Request-URI, below a domain of ours: that domain's own servers are asked
// for it, and nobody learns from this node what its users write of others.
std::optional<std::string> callee_finder::unknown_name(const proxy_context& c) const {
  const auto first = first_route(*c.base);
  const auto& u = first ? first->uri : c.base->request_uri();
  const bool known = host_address(u.host) || parts_.own.is_domain(u.host) || parts_.own.is_called(u.host);
  if (!u.is_sip() || known || (first && !u.user.empty()) || !parts_.own.is_below_domain(u.host)) return std::nullopt;
  return canonical_host(u.host);
}

bool callee_finder::admitted_to(proxy_context& c, const std::string& callee) {
  using verdict = ringing_calls::verdict;
  const auto v = parts_.ringing.admit(c.caller.ringing, callee, c.caller.bounds);
  if (v == verdict::admitted) return true;
  parts_.metrics.drop(v == verdict::callee_busy ? "sip_callee_calls" : "sip_caller_calls");
  if (v == verdict::callee_busy) parts_.replies.reply(c, 486);
  if (v == verdict::caller_busy) parts_.replies.unavailable(c, 503, "Too Many Calls Of This Caller");
  return false;
}

// A CANCEL may answer the request during each await: reply() then does nothing, and so must everything else.
core::awaitable<void> callee_finder::locate(std::shared_ptr<proxy_context> c, std::string user) {
  c->domain = domain_of(user);
  forwarding_search search(user);
  std::vector<fork_target> targets;
  while (const auto next = search.next()) {  // ends with forwarding_search's bound
    const auto answer = co_await parts_.lookup.get(next->user, c->caller.uniform);
    if (c->answered) co_return;
    const bool failed = answer && !*answer && answer->error() != overlay::errc::not_found;
    if (next->first && !answer) co_return parts_.replies.unavailable(*c, 503, "Too Many Look-Ups");
    if (next->first && failed) co_return look_up_failed(*c, answer->error());
    if (answer && *answer) add_targets(*c, search, *next, (*answer)->values, targets);
  }
  if (targets.empty()) {
    co_await nobody_home(c, user);
    co_return;
  }
  std::ranges::sort(targets, std::greater<>(), &fork_target::q_thousandths);
  parts_.branches.fork(*c, std::move(targets));
}

void callee_finder::add_targets(proxy_context& c, forwarding_search& search, const forwarding_search::place& at,
                                const std::vector<overlay::stored_value>& values, std::vector<fork_target>& targets) {
  auto bindings = to_bindings(values, self_, parts_.env.wall_now());
  std::erase_if(bindings, [&](const binding& b) {
    const auto other = parts_.targets.forwarded_to(b.contact, c.domain);
    // Whoever calls him by others' numbers has no more of his places than whoever calls him by his own.
    if (other && search.add(*other, std::min(at.q_thousandths, b.q_thousandths)) &&
        parts_.ringing.admit(c.caller.ringing, *other, c.caller.bounds) != ringing_calls::verdict::admitted) {
      search.drop_last();
    }
    return other.has_value();
  });
  auto phones = parts_.targets.phones_of(at.user, std::move(bindings), c.request->request_uri().secure(), at.q_thousandths);
  std::ranges::move(phones, std::back_inserter(targets));
}

void callee_finder::look_up_failed(proxy_context& c, const core::error& why) {
  log_.warning("a callee could not be looked up: {}", why.code().message());
  parts_.replies.unavailable(c, why == overlay::errc::timed_out ? 504 : 503, "Look-Up Failed");
}

// 480: known, but without a phone at the moment; 404: "The server has definitive information that the user does not
// exist at the domain" (s.21.4.5).
core::awaitable<void> callee_finder::nobody_home(std::shared_ptr<proxy_context> c, std::string user) {
  if (parts_.strangers.told_uniformly(*c, 404)) co_return parts_.strangers.refuse(*c);
  const auto secret = co_await parts_.secrets(user, std::string("SHA-256"), false);
  if (!secret && secret.error() == overlay::errc::not_found) co_return parts_.replies.reply(*c, 404);
  parts_.replies.reply(*c, 480);
}

}  // namespace phyllo::sip
