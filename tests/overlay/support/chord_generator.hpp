// Bodies of CHORD-RELOAD's messages at random.
#pragma once

#include "chord/chord_messages.hpp"
#include "support/message_generator.hpp"

namespace phyllo::testing {

inline phyllo::overlay::chord_update chord_update_of(message_generator& g) {
  using type = phyllo::overlay::chord_update_type;
  phyllo::overlay::chord_update u{
      static_cast<std::uint32_t>(g.any()), g.one_of({type::peer_ready, type::neighbors, type::full}), {}, {}, {}};
  if (u.type != type::peer_ready) u.predecessors = g.ids(4);
  if (u.type != type::peer_ready) u.successors = g.ids(4);
  if (u.type == type::full) u.fingers = g.ids(16);
  return u;
}

inline phyllo::overlay::chord_leave_request chord_leave_of(message_generator& g) {
  return {g.id(), g.one_of({phyllo::overlay::chord_leave_type::from_succ, phyllo::overlay::chord_leave_type::from_pred}), g.ids(4)};
}

inline phyllo::overlay::chord_route_query_request chord_query_of(message_generator& g) { return {g.coin(), g.destination()}; }

// A message of this code, with CHORD-RELOAD's body where that differs.
inline phyllo::overlay::message_contents chord_contents(message_generator& g, std::uint16_t code) {
  namespace c = phyllo::overlay::code;
  auto m = g.contents(code);
  switch (code) {
    case c::join_req: m.body = phyllo::overlay::chord_join_request{g.id()}.encode(); break;
    case c::join_req + 1: m.body = phyllo::overlay::encode_chord_join_answer(); break;
    case c::leave_req: m.body = chord_leave_of(g).encode(); break;
    case c::update_req: m.body = chord_update_of(g).encode(); break;
    case c::route_query_req: m.body = chord_query_of(g).encode(); break;
    case c::route_query_req + 1: m.body = phyllo::overlay::chord_route_query_answer{g.id()}.encode(); break;
    default: break;
  }
  return m;
}

}  // namespace phyllo::testing
