// RedirServiceProvider, the value of Kind REDIR, and the geometry of the ReDiR tree (RFC 7374 s.3, s.4.1).
//
//   type (1) | length (2) Destination... | length (2) namespace | level (2) | node (2) | length (2) extension
//
// A tree node (level, j) is stored at H(namespace || level || j), numbers in two octets as in the structure.
#pragma once

#include <string>

#include "phyllo/core/result.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/destination.hpp"

namespace phyllo::overlay {

// "the default ReDiR branching factor is 10"; the configuration document's branching-factor is not read.
constexpr unsigned redir_branching = 10;
// The deepest level whose tree nodes can be numbered in 16 bits: 10^4.
constexpr std::uint16_t redir_level_max = 4;
// "It is RECOMMENDED that Lstart is set to 2."
constexpr std::uint16_t redir_level_start = 2;

struct redir_place {
  std::string service;  // the namespace
  std::uint16_t level = 0;
  std::uint16_t node = 0;

  [[nodiscard]] resource_id resource(resource_hash h = resource_hash::sha256) const;
  // Whether an identifier lies in one of the intervals of this tree node.
  [[nodiscard]] bool covers(const node_id& id) const;
  // The tree node responsible for I(level, id).
  [[nodiscard]] static redir_place of(std::string service, std::uint16_t level, const node_id& id);
  friend bool operator==(const redir_place&, const redir_place&) = default;
};

// Which of the tree node's intervals an identifier lies in: b' of RFC 7374.
[[nodiscard]] unsigned redir_interval(std::uint16_t level, const node_id& id);

struct redir_provider {
  std::uint8_t type = 0;  // of the extension; "Unknown types are allowed"
  destination_list route;
  redir_place place;
  core::bytes extension;

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<redir_provider> decode(core::byte_view value);  // invalid_record
  friend bool operator==(const redir_provider&, const redir_provider&) = default;
};

}  // namespace phyllo::overlay
