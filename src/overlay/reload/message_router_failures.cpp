// Of the router: what becomes of messages that do not get on (RFC 6940 s.6.3.3.1; RFC 7851 s.6.2).
#include <utility>

#include "phyllo/transport/errc.hpp"
#include "reload/message.hpp"
#include "reload/message_router.hpp"

namespace phyllo::overlay {

void message_router::detour(std::uint64_t token, const node_id& node) {
  auto m = kept_.take(token);
  if (!m || m->link_only) return;
  if (waits_for_its_link(*m, node)) return kept_.put_back(token, std::move(*m));
  if (!detours_.take(env_.now())) return counters_.spared("detours");  // its link still tries
  reroute(std::move(*m), node);
}

void message_router::detour_all(std::vector<kept_message> left, const node_id& node, const core::error& why) {
  for (auto& m : left) {
    if (!m.link_only) reroute(std::move(m), node, &why);
  }
}

// An overdue diagnosis that no other node could take: should the link end without an ACK, its sender is told.
bool message_router::waits_for_its_link(const kept_message& m, const node_id& node) const {
  if (!diagnostics_in(*m.payload)) return false;
  const auto decided = topology_.decide(m.header.destinations.front(), false, &node);
  return decided.what == verdict::drop || (decided.what == verdict::forward && decided.next == node);
}

// A copy whose header is already that of the next hop: no second TTL or via entry.
void message_router::reroute(kept_message m, const node_id& away_from, const core::error* closed) {
  if (!is_request(peek_code(*m.payload))) skip_dead(m.header);
  const auto decided = topology_.decide(m.header.destinations.front(), peek_code(*m.payload) == code::fetch_req, &away_from);
  if (decided.what == verdict::forward && decided.next == away_from) return;  // nobody else: its link still tries
  if (decided.what == verdict::drop && closed != nullptr) {
    const bool silent = *closed == transport::errc::timed_out;
    const auto error = silent ? error_code::underlay_time_exceeded : error_code::underlay_destination_unreachable;
    return undeliverable(m.header, *m.payload, std::nullopt, "no_route", error);
  }
  // Who owes an ACK need not be a suspect (Chord has none). Of a node whose link has closed another may be open.
  const auto* except = closed == nullptr ? &away_from : nullptr;
  route(std::move(m.header), std::move(m.payload), std::nullopt, false, except);
}

void message_router::refuse(const forwarding_header& h, core::byte_view payload, const std::optional<node_id>& from, std::uint16_t error,
                            std::string_view info) {
  if (auto r = refusals_.refuse(h, payload, from, error, info, env_.now()))
    route(std::move(r->header), std::move(r->payload), std::nullopt);
}

// True: it did.
bool message_router::refuse_diagnosis(const forwarding_header& h, core::byte_view payload, const node_id& from) {
  const auto d = diagnostics_in(payload);
  if (!d) return false;
  const auto error = error_of_diagnosis(*d, h, passed_before(h), core::unix_milliseconds(env_.wall_now()));
  if (error == 0) return false;
  refuse(h, payload, from, error, from.hex());
  return true;
}

// "The immediate upstream peer information MUST also be conveyed to the initiator node."
bool message_router::refuse_misrouted(const forwarding_header& h, core::byte_view payload, const node_id& from) {
  if (!diagnostics_in(payload) || topology_.well_routed(from, h.destinations.front().id)) return false;
  refuse(h, payload, from, error_code::upstream_misrouting, from.hex());
  return true;
}

// Nobody to send it to: who diagnoses is told, others ask again.
void message_router::undeliverable(const forwarding_header& h, core::byte_view payload, const std::optional<node_id>& from,
                                   std::string_view reason, std::uint16_t error) {
  if (diagnostics_in(payload)) refuse(h, payload, from, error, h.destinations.front().id.hex());
  counters_.dropped(reason, from);
}

}  // namespace phyllo::overlay
