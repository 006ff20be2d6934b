#include "reload/message_router.hpp"

#include <algorithm>
#include <utility>

#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

bool critical_to_forward(const forwarding_header& h) {
  return std::ranges::any_of(h.options, [](const forwarding_option& o) { return (o.flags & forwarding_option::forward_critical) != 0; });
}

}  // namespace

message_router::message_router(core::environment& env, bool forwards, topology& where, link_table& links, const message_maker& maker,
                               message_counters& counters, router_observer& up)
    : env_(env), forwards_(forwards), topology_(where), links_(links), counters_(counters), up_(up), refusals_(maker, counters) {}

std::optional<node_id> message_router::route(forwarding_header h, payload_ptr payload, const std::optional<node_id>& from, bool link_only,
                                             const node_id* except) {
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
  if (to.front().type == destination_type::opaque) {  // this node makes none
    counters_.dropped("opaque_destination", from);
    return std::nullopt;
  }
  const bool eager = code == code::fetch_req || code == code::attach_req;
  auto decided = topology_.decide(to.front(), eager, except);
  if (to.front().wildcard() && from) decided.what = verdict::deliver;  // to whoever gets it
  switch (decided.what) {
    case verdict::deliver: up_.on_arrived(h, payload, from); break;
    case verdict::hold: hold(std::move(h), std::move(payload), from); break;
    case verdict::forward:
      if (decided.around && passed_before(h)) {  // they have lost it, too
        hold(std::move(h), std::move(payload), from);
      } else if (from && !by_route && refuse_misrouted(h, *payload, *from)) {
        counters_.dropped("diagnosis", from);
      } else {
        return forward(std::move(h), std::move(payload), decided.next, from, link_only);
      }
      break;
    case verdict::drop: undeliverable(h, *payload, from, "no_route"); break;
  }
  return std::nullopt;
}

bool message_router::passed_before(const forwarding_header& h) const {
  return std::ranges::any_of(h.via, [this](const destination& v) { return v.is_node(topology_.self()); });
}

// "Answers: skip a failed Node-ID entry if the entry after it is a Node-ID."
void message_router::skip_dead(forwarding_header& h) const {
  auto& to = h.destinations;
  while (to.size() > 1 && to[0].type == destination_type::node && to[1].type == destination_type::node) {  // ends with the list
    if (to[0].id == topology_.self() || topology_.in_reach(to[0].id)) return;
    to.erase(to.begin());
  }
}

std::optional<node_id> message_router::forward(forwarding_header h, payload_ptr payload, const node_id& next,
                                               const std::optional<node_id>& from, bool link_only) {
  if (from && !take_on(h, *payload, *from)) return std::nullopt;
  if (send(h, payload, next, link_only)) return next;
  if (link_only) return std::nullopt;
  // Its link is full or has just closed: the next best, once.
  const auto decided = topology_.decide(h.destinations.front(), false, &next);
  if (decided.what == verdict::forward && decided.next != next && send(h, payload, decided.next, false)) return decided.next;
  undeliverable(h, *payload, std::nullopt, "overloaded");
  return std::nullopt;
}

bool message_router::take_on(forwarding_header& h, core::byte_view payload, const node_id& from) {
  std::string_view why;
  if (!forwards_) {
    why = "not_a_peer";
  } else if (critical_to_forward(h)) {
    refuse(h, payload, from, error_code::unsupported_forwarding_option, "");
    return false;
  } else if (refuse_diagnosis(h, payload, from)) {
    why = "diagnosis";
  } else if (h.ttl == 0) {
    refuse(h, payload, from, error_code::ttl_exceeded, "");
    why = "ttl";
  } else {
    --h.ttl;
    h.via.push_back(destination::to_node(from));
    if (h.via.size() <= destinations_max) return true;
    why = "ttl";
  }
  counters_.dropped(why, from);
  return false;
}

bool message_router::send(const forwarding_header& h, const payload_ptr& payload, const node_id& next, bool link_only) {
  auto* link = links_.to(next);
  return link != nullptr && send_by(*link, h, payload, link_only);
}

bool message_router::send_by(transport::link& l, const forwarding_header& h, const payload_ptr& payload, bool link_only) {
  const auto token = kept_.keep({h, payload, &l, link_only});
  const auto sent = l.send(h.message(*payload), token);
  if (!sent) kept_.take(token);
  if (sent) topology_.note_said(l.peer().node(), env_.now());
  return sent.has_value();
}

void message_router::hold(forwarding_header h, payload_ptr payload, const std::optional<node_id>& from) {
  if (held_.full()) return counters_.dropped("held_full", from);
  held_.hold(std::move(h), std::move(payload), from, env_.now());
  up_.on_held();
}

void message_router::release_held() {
  auto held = held_.take_all();
  for (auto& m : held) {
    const auto decided = topology_.decide(m.header.destinations.front(), false);
    if (decided.what == verdict::hold) {
      held_.put_back(std::move(m));
    } else {
      route(std::move(m.header), std::move(m.payload), m.from);
    }
  }
}

}  // namespace phyllo::overlay
