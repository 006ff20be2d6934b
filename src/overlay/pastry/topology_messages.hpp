// Bodies of Join, Leave, Update and RouteQuery (RFC 6940 s.6.4.2) with the Pastry plug-in's overlay_specific_data.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pastry/leaf_set_state.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/destination.hpp"

namespace phyllo::overlay {

// All `read` functions: invalid_message with the structure's name; nothing may be left over.

//  LeaveReq: Node-ID (16) | length (2) = 0
// What the node that leaves knows of others is in an extension, F007: of what stands in the body dissectors take the first octet for that
// of Chord's (s.10.9).
struct leave_request {
  static constexpr std::uint16_t extension_type = 0xF007;
  node_id node;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<leave_request> decode(core::byte_view body);
  friend bool operator==(const leave_request&, const leave_request&) = default;
};

//  JoinReq: Node-ID (16) | length (2) LeafSetState
struct membership_request {
  node_id node;
  leaf_set_state state;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<membership_request> decode(core::byte_view body);
  friend bool operator==(const membership_request&, const membership_request&) = default;
};

//  JoinAns: length (2) LeafSetState
[[nodiscard]] core::bytes encode_join_answer(const leaf_set_state& s);
[[nodiscard]] core::result<leaf_set_state> decode_join_answer(core::byte_view body);

// Who does not know our plug-in takes an UpdateReq for Chord's (RFC 6940 s.10.7.1), and finds its type `reserved` in the fifth octet.
inline constexpr std::uint32_t update_reserved = 0;

enum class update_type : std::uint8_t { active = 1, rows = 2, supernodes = 3, synced = 4, revocations = 5 };

//  UpdateReq: type (1) | reserved (4) | active: LeafSetState; rows: length (2) Row...; supernodes: length (2) NodeId...;
//             synced: first (17), last (17), view (8); revocations: the rest, opaque here
//             a Resource-ID is 10 and 16 bytes
struct update_request {
  update_type type = update_type::active;
  leaf_set_state state;
  std::vector<table_row> rows;
  std::vector<node_id> supernodes;
  resource_id first, last;
  std::uint64_t view = 0;
  core::bytes content;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<update_request> decode(core::byte_view body);
  friend bool operator==(const update_request&, const update_request&) = default;
};

enum class query_type : std::uint8_t { none = 0, probe = 1, rows = 2, sync = 3, revocations = 4, document = 5 };

//  RouteQueryReq: send_update (1) | Destination | length (2): type (1) | probe: LeafSetState; rows: first (1), last (1);
//                 sync, revocations, document: the rest, opaque here
struct route_query_request {
  bool send_update = false;
  destination target;
  query_type type = query_type::none;
  leaf_set_state state;
  std::uint8_t first_row = 0, last_row = 0;
  core::bytes content;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<route_query_request> decode(core::byte_view body);
  friend bool operator==(const route_query_request&, const route_query_request&) = default;
};

//  RouteQueryAns: next_peer (16) | type (1) | probe: LeafSetState, length (2) Grant...; rows: length (2) Row..., LeafSetState;
//                 sync, revocations, document: the rest
struct route_query_answer {
  node_id next_peer;
  query_type type = query_type::none;
  leaf_set_state state;
  std::vector<signed_grant> granted;  // to who asks for it: one
  std::vector<table_row> rows;
  core::bytes content;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<route_query_answer> decode(core::byte_view body);
  friend bool operator==(const route_query_answer&, const route_query_answer&) = default;
};

}  // namespace phyllo::overlay
