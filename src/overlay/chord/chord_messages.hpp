// Bodies of Join, Leave, Update and RouteQuery (RFC 6940 s.6.4.2) as the topology plug-in CHORD-RELOAD has them (s.10.7 to s.10.9).
#pragma once

#include <cstdint>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/destination.hpp"
#include "reload/node_list.hpp"

namespace phyllo::overlay {

// All `decode` functions: invalid_message with the structure's name. Nothing may be left over, no list has more than node_ids_max Node-IDs,
// and none of them is reserved.

enum class chord_update_type : std::uint8_t {
  peer_ready = 1,  // the sender is a peer, and may be routed through
  neighbors = 2,   // the Neighbor Table of the sender
  full = 3,        // that, and its Finger Table: for who asks by Attach or RouteQuery with send_update
};

//  UpdateReq = ChordUpdate: uptime (4) | type (1) | neighbors, full: length (2) predecessors, length (2) successors
//                                                 | full: length (2) fingers
struct chord_update {
  std::uint32_t uptime = 0;  // of the sender, in seconds
  chord_update_type type = chord_update_type::peer_ready;
  std::vector<node_id> predecessors, successors;  // nearest first
  std::vector<node_id> fingers;                   // "in numerically ascending order"
  [[nodiscard]] core::bytes encode() const;       // without the lists that its type has not
  [[nodiscard]] static core::result<chord_update> decode(core::byte_view body);
  friend bool operator==(const chord_update&, const chord_update&) = default;
};

enum class chord_leave_type : std::uint8_t {
  from_succ = 1,  // a successor of the recipient leaves: `nodes` are its successors
  from_pred = 2,  // a predecessor of the recipient leaves: `nodes` are its predecessors
};

//  LeaveReq: leaving_peer_id (16) | length (2) ChordLeaveData: type (1) | length (2) NodeId...
struct chord_leave_request {
  node_id node;
  chord_leave_type type = chord_leave_type::from_succ;
  std::vector<node_id> nodes;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<chord_leave_request> decode(core::byte_view body);
  friend bool operator==(const chord_leave_request&, const chord_leave_request&) = default;
};

//  JoinReq: joining_peer_id (16) | length (2)
// CHORD-RELOAD defines no data of Join, JoinAns and RouteQueryReq. What an extension has put there is passed over.
struct chord_join_request {
  node_id node;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<chord_join_request> decode(core::byte_view body);
  friend bool operator==(const chord_join_request&, const chord_join_request&) = default;
};

//  JoinAns: length (2)
[[nodiscard]] core::bytes encode_chord_join_answer();
[[nodiscard]] core::status check_chord_join_answer(core::byte_view body);

//  RouteQueryReq: send_update (1) | Destination | length (2)
struct chord_route_query_request {
  bool send_update = false;
  destination target;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<chord_route_query_request> decode(core::byte_view body);
  friend bool operator==(const chord_route_query_request&, const chord_route_query_request&) = default;
};

//  RouteQueryAns = ChordRouteQueryAns: next_peer (16)
struct chord_route_query_answer {
  node_id next_peer;  // the answering peer itself, where that is responsible
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<chord_route_query_answer> decode(core::byte_view body);
  friend bool operator==(const chord_route_query_answer&, const chord_route_query_answer&) = default;
};

}  // namespace phyllo::overlay
