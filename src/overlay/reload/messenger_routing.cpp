// Of the message layer: where messages go (RFC 6940 s.6.1).
#include <algorithm>

#include "phyllo/transport/errc.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/messenger.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t held_max = 1024;
constexpr core::duration held_for = std::chrono::seconds(8);  // longer than a suspect stays one

bool critical_to_forward(const forwarding_header& h) {
  return std::ranges::any_of(h.options, [](const forwarding_option& o) { return (o.flags & forwarding_option::forward_critical) != 0; });
}

}  // namespace

destination_list return_path(const destination_list& via, const std::optional<node_id>& previous_hop) {
  destination_list out;
  if (previous_hop) out.push_back(destination::to_node(*previous_hop));
  for (auto i = via.rbegin(); i != via.rend(); ++i) {
    const auto seen = std::ranges::find(out, *i);
    if (seen != out.end()) out.erase(seen, out.end());  // the request went in a circle: the answer need not
    out.push_back(*i);
  }
  return out;
}

void messenger::route(forwarding_header h, payload_ptr payload, const std::optional<node_id>& from, bool link_only) {
  auto& to = h.destinations;
  const bool by_route = to.size() > 1;                                                 // and not by the rules of the ring
  while (to.size() > 1 && to.front().is_node(topology_.self())) to.erase(to.begin());  // ends with the list
  // By its link also to a suspect: a probe is how it shows that it lives.
  if (link_only) {
    const auto peer = to.front().id;
    return forward(std::move(h), std::move(payload), peer, from, true);
  }
  const auto code = peek_code(*payload);
  if (!is_request(code)) skip_dead(h);
  if (to.front().wildcard() && from) return deliver(h, payload, from);
  if (to.front().type == destination_type::opaque) return drop("opaque_destination", from);  // this node makes none
  const bool eager = code == code::fetch_req || code == code::attach_req;
  const auto decided = topology_.decide(to.front(), eager);
  switch (decided.what) {
    case verdict::deliver: return deliver(h, payload, from);
    case verdict::hold: return hold(std::move(h), std::move(payload), from);
    case verdict::forward:
      if (decided.around && passed_before(h)) return hold(std::move(h), std::move(payload), from);  // they have lost it, too
      if (from && !by_route && refuse_misrouted(h, *payload, *from)) return drop("diagnosis", from);
      return forward(std::move(h), std::move(payload), decided.next, from, link_only);
    case verdict::drop: return undeliverable(h, *payload, from, "no_route");
  }
}

bool messenger::passed_before(const forwarding_header& h) const {
  return std::ranges::any_of(h.via, [this](const destination& v) { return v.is_node(topology_.self()); });
}

// "Answers: skip a failed Node-ID entry if the entry after it is a Node-ID."
void messenger::skip_dead(forwarding_header& h) const {
  auto& to = h.destinations;
  while (to.size() > 1 && to[0].type == destination_type::node && to[1].type == destination_type::node) {  // ends with the list
    if (to[0].id == topology_.self() || topology_.in_reach(to[0].id)) return;
    to.erase(to.begin());
  }
}

void messenger::forward(forwarding_header h, payload_ptr payload, const node_id& next, const std::optional<node_id>& from, bool link_only) {
  if (from && !options_.forwards) return drop("not_a_peer", from);
  if (from) {
    if (critical_to_forward(h)) return refuse(h, *payload, from, error_code::unsupported_forwarding_option, "");
    if (refuse_diagnosis(h, *payload, *from)) return drop("diagnosis", from);
    if (h.ttl == 0) {
      refuse(h, *payload, from, error_code::ttl_exceeded, "");
      return drop("ttl", from);
    }
    --h.ttl;
    h.via.push_back(destination::to_node(*from));
    if (h.via.size() > destinations_max) return drop("ttl", from);
  }
  if (send(h, payload, next, link_only) || link_only) return;
  // Its link is full or has just closed: the next best, once.
  const auto decided = topology_.decide(h.destinations.front(), false, &next);
  if (decided.what != verdict::forward || decided.next == next || !send(h, payload, decided.next, false))
    undeliverable(h, *payload, std::nullopt, "overloaded");
}

// "In this case, the intermediate peer returns an error response to the initiator node, reporting any malfunction node information
// available" (RFC 7851 s.6.2). True: it did.
bool messenger::refuse_diagnosis(const forwarding_header& h, core::byte_view payload, const node_id& from) {
  const auto d = diagnostics_in(payload);
  if (!d) return false;
  std::uint16_t error = 0;
  if (d->expiration_ms <= core::unix_milliseconds(env_.wall_now())) {
    error = error_code::message_expired;
  } else if (passed_before(h)) {
    error = error_code::loop_detected;
  } else if (h.ttl == 0) {
    error = error_code::ttl_hops_exceeded;
  }
  if (error == 0) return false;
  refuse(h, payload, from, error, from.hex());
  return true;
}

// "The immediate upstream peer information MUST also be conveyed to the initiator node."
bool messenger::refuse_misrouted(const forwarding_header& h, core::byte_view payload, const node_id& from) {
  if (!diagnostics_in(payload) || topology_.well_routed(from, h.destinations.front().id)) return false;
  refuse(h, payload, from, error_code::upstream_misrouting, from.hex());
  return true;
}

// Nobody to send it to: who diagnoses is told, others ask again.
void messenger::undeliverable(const forwarding_header& h, core::byte_view payload, const std::optional<node_id>& from,
                              std::string_view reason, std::uint16_t error) {
  if (diagnostics_in(payload)) refuse(h, payload, from, error, h.destinations.front().id.hex());
  drop(reason, from);
}

// An overdue diagnosis that no other node could take: should the link end without an ACK, its sender is told.
bool messenger::waits_for_its_link(const kept_message& m, const node_id& node) const {
  if (!diagnostics_in(*m.payload)) return false;
  const auto decided = topology_.decide(m.header.destinations.front(), false, &node);
  return decided.what == verdict::drop || (decided.what == verdict::forward && decided.next == node);
}

bool messenger::send(const forwarding_header& h, const payload_ptr& payload, const node_id& next, bool link_only) {
  auto* link = links_.to(next);
  return link != nullptr && send_by(*link, h, payload, link_only);
}

bool messenger::send_by(transport::link& l, const forwarding_header& h, const payload_ptr& payload, bool link_only) {
  const auto token = kept_.keep({h, payload, &l, link_only});
  const auto sent = l.send(h.message(*payload), token);
  if (!sent) kept_.take(token);
  if (sent) topology_.note_said(l.peer().node(), env_.now());
  return sent.has_value();
}

void messenger::hold(forwarding_header h, payload_ptr payload, const std::optional<node_id>& from) {
  if (held_.size() >= held_max) return drop("held_full", from);
  held_.push_back({std::move(h), std::move(payload), from, env_.now() + held_for});
  up_.on_agenda_changed();
}

void messenger::release_held() {
  if (held_.empty()) return;
  auto held = std::exchange(held_, {});
  for (auto& m : held) {
    const auto decided = topology_.decide(m.header.destinations.front(), false);
    if (decided.what == verdict::hold) {
      held_.push_back(std::move(m));
    } else {
      route(std::move(m.header), std::move(m.payload), m.from);
    }
  }
}

// A copy whose header is already that of the next hop: no second TTL or via entry.
void messenger::reroute(kept_message m, const node_id& away_from, const core::error* closed) {
  if (!is_request(peek_code(*m.payload))) skip_dead(m.header);
  const auto decided = topology_.decide(m.header.destinations.front(), peek_code(*m.payload) == code::fetch_req, &away_from);
  if (decided.what == verdict::forward && decided.next == away_from) return;  // nobody else: its link still tries
  if (decided.what == verdict::drop && closed != nullptr) {
    const bool silent = *closed == transport::errc::timed_out;
    const auto error = silent ? error_code::underlay_time_exceeded : error_code::underlay_destination_unreachable;
    return undeliverable(m.header, *m.payload, std::nullopt, "no_route", error);
  }
  route(std::move(m.header), std::move(m.payload), std::nullopt);
}

// An error on behalf of a destination that the request can not reach; answers are dropped without a word.
void messenger::refuse(const forwarding_header& h, core::byte_view payload, const std::optional<node_id>& from, std::uint16_t error,
                       std::string_view info) {
  if (!is_request(peek_code(payload))) return;
  auto back = return_path(h.via, from);
  if (back.empty()) return;
  // Nobody has verified what it answers to, and it costs a signature.
  if (!refusals_.take(env_.now())) return metrics_.drop("refusals");
  const auto answer = seal_payload(make_error(error, info), trust_.overlay_hash(), h.transaction_id, *self_);
  auto header = make_header(h.transaction_id, std::move(back));
  header.options = copied_to_response(h.options);
  route(std::move(header), std::make_shared<core::bytes>(answer), std::nullopt);
}

}  // namespace phyllo::overlay
