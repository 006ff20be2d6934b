// Entries of destination and via lists (RFC 6940 s.6.3.2.2).
//
//   node:      01 | 10 (length 16) | Node-ID (16)
//   resource:  02 | 11 (length 17) | 10 | Resource-ID (16)       the Resource-ID carries its own length
//   opaque:    03 | length | length - 1 | opaque id;  or two bytes whose top bit is set
#pragma once

#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

enum class destination_type : std::uint8_t { node = 1, resource = 2, opaque = 3 };

struct destination {
  destination_type type = destination_type::node;
  node_id id;          // of a node or resource
  core::bytes opaque;  // of a compressed list

  [[nodiscard]] static destination to_node(const node_id& n) { return {destination_type::node, n, {}}; }
  [[nodiscard]] static destination to_resource(const resource_id& r) { return {destination_type::resource, r, {}}; }
  [[nodiscard]] bool is_node(const node_id& n) const noexcept { return type == destination_type::node && id == n; }
  // "Addressed to whoever gets it": all ones, consumed by the next hop (RFC 6940 s.6.1.1).
  [[nodiscard]] bool wildcard() const noexcept;

  void write(core::wire_writer& w) const;
  [[nodiscard]] static destination read(core::wire_reader& r);  // failure is the reader's
  friend bool operator==(const destination&, const destination&) = default;
};

using destination_list = std::vector<destination>;

// All entries up to the end of `data`; nothing when malformed or more than `entries_max`.
[[nodiscard]] core::result<destination_list> decode_destinations(core::byte_view data, std::size_t entries_max);

[[nodiscard]] bool has_duplicates(const destination_list& list) noexcept;

}  // namespace phyllo::overlay
