// What a Chord node wants done (RFC 6940 s.10): values that its machine answers with, for a shell to carry out in their order.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "chord/chord_messages.hpp"
#include "chord/key_range.hpp"

namespace phyllo::overlay {

namespace chord_actions {

// A link to any active peer of the overlay, by its address (s.11.4). Told by link_opened; asked for again while there is none.
struct find_bootstrap {};

// An Attach with send_update: source-routed through `via`, from whom this node knows the peer (s.10.6), or routed. Told by attached or
// attach_failed.
struct attach {
  destination to;
  std::optional<node_id> via;
};

// One Update to each of these links. A link that gives no answer is told by unanswered.
struct tell {
  std::vector<node_id> to;
  chord_update update;
};

// A Join at this link. Told by join_answered.
struct ask_join {
  node_id at;
};

// The answer of a Join. Refused: Error_Not_Found, for another peer is responsible for the joiner's Node-ID.
struct answer_join {
  node_id to;
  bool accepted = false;
};

// Stores of all that this node keeps of `keys`, as of the responsible peer, and of what is stored here meanwhile. Told by handed_over,
// whether they have succeeded or not.
struct hand_over {
  node_id to;
  key_range keys;
};

// Stores of all that this node keeps of `keys`, to a replica or to who is responsible now. Nothing is told.
struct copy {
  node_id to;
  key_range keys;
};

// A Ping to whoever is responsible for `key`. Told by ping_answered.
struct ping {
  resource_id key;
};

// The discovery of a bootstrap node as for a join, and a Ping to this node's own Node-ID, as a Resource-ID, routed through it (s.10.7.4.4).
// Told by sought.
struct seek {};

struct say_leave {
  node_id to;
  chord_leave_type type = chord_leave_type::from_succ;
  std::vector<node_id> nodes;
};

struct close_link {
  node_id node;
};

// This node is part of the ring.
struct activated {};

// The Neighbour Table has changed, and with it perhaps what this node is responsible for and keeps.
struct members_changed {};

}  // namespace chord_actions

using chord_action =
    std::variant<chord_actions::find_bootstrap, chord_actions::attach, chord_actions::tell, chord_actions::ask_join,
                 chord_actions::answer_join, chord_actions::hand_over, chord_actions::copy, chord_actions::ping, chord_actions::seek,
                 chord_actions::say_leave, chord_actions::close_link, chord_actions::activated, chord_actions::members_changed>;

}  // namespace phyllo::overlay
