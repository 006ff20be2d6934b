#include "ack_forwarder.hpp"

#include <utility>

#include "message_edit.hpp"
#include "message_fields.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {

void ack_forwarder::on_ack(message ack, const source& from) {
  const auto info = take_route(ack, parts_.own, parts_.sealer);
  if (!info.dialog || ack.max_forwards() == 0U) return parts_.metrics.drop("sip_stray_ack");
  if (const auto as = side_of(*info.dialog, ack, {from}, parts_.env.wall_now(), self_))
    return pass(std::move(ack), from, *info.dialog, *as);
  if (credentials_in(ack, field::proxy_authorization).empty() || parts_.scope.running() >= lookups_max)
    return parts_.metrics.drop("sip_stray_ack");
  parts_.scope.spawn(ask(std::make_shared<message>(std::move(ack)), from, *info.dialog));
}

// Of an end whose address has changed since the dialog began.
core::awaitable<void> ack_forwarder::ask(std::shared_ptr<message> ack, source from, dialog_token t) {
  const auto realm = realm_shown(*ack, parts_.own);
  authentication a;
  if (!realm.empty()) a = co_await parts_.authenticator.check_ack(ack, realm, from);
  const bool right = a.result == authentication::outcome::accepted;
  const auto as = right ? side_of(t, *ack, {from, a.user}, parts_.env.wall_now(), self_) : std::nullopt;
  if (!as) co_return parts_.metrics.drop("sip_stray_ack");
  pass(std::move(*ack), from, t, *as);
}

void ack_forwarder::pass(message ack, const source& from, const dialog_token& t, side as) {
  parts_.transactions.prove(from);
  set_max_forwards(ack, ack.max_forwards().value_or(71) - 1);
  for (const auto& domain : parts_.own.domains) remove_proxy_credentials(ack, domain);
  if (!parts_.trust.trusted_peer(from)) parts_.headers.clean(ack, standing::stranger);
  const auto [end, sure] = parts_.leads.onward(ack, t, as);
  const auto* way = parts_.ways.of(ack);
  if (!end && way == nullptr) return parts_.metrics.drop("sip_unroutable_ack");
  const auto to = way != nullptr ? way->to : end->to();
  if (way != nullptr) lead_along(ack, *way);
  if (came_insecurely(ack, from) || (ack.request_uri().secure() && !secure(to.by))) return parts_.metrics.drop("sip_insecure_way");
  if (!parts_.transactions.send_stateless(std::move(ack), to)) parts_.metrics.drop("sip_unroutable_ack");
}

}  // namespace phyllo::sip
