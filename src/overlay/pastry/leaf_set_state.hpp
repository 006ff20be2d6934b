// LeafSetState and Row, the bodies with which Pastry nodes tell each other what they see (specification of the
// Pastry plug-in).
//
//   LeafSetState: version (1) = 1 | incarnation (4) | clock (8) | flags (1) | Places own | length (2) left | length (2) right | length (2)
//   failed |
//                 length (2) Places of left's and right's nodes | length (2) Grant...
//   Row:          row (1) | length (2) entries | length (2) round-trip times (4 each, of the same nodes) | length (2) Places of them
//   A NodeId list is a run of 16-byte Node-IDs; sides are nearest first.
#pragma once

#include <cstdint>
#include <vector>

#include "pastry/signed_grant.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/name.hpp"
#include "reload/node_list.hpp"
#include "reload/places.hpp"

namespace phyllo::overlay {

struct leaf_set_state {
  static constexpr std::uint8_t version = 1;
  static constexpr std::uint8_t flag_active = 0x01;
  static constexpr std::uint8_t flag_leaving = 0x02;   // of a joiner: it withdraws, and gives back what was granted
  static constexpr std::uint8_t flag_busy = 0x04;      // another joiner holds this node's grant
  static constexpr std::uint8_t flag_unsynced = 0x08;  // you are unsynced here
  static constexpr std::uint8_t flag_asks = 0x10;      // a joiner asks its neighbour-to-be for the grant
  static constexpr std::uint8_t flag_uses = 0x20;      // you are in its leaf set or routing table: it needs this link
  static constexpr std::uint8_t flag_may_form = 0x40;  // of a node that is not active: most of those it was in the ring with wait here

  std::uint32_t incarnation = 0;  // start-up in Unix seconds, always rising
  std::uint64_t clock_ms = 0;     // what the teller's clock shows, Unix milliseconds; 0: it does not say
  std::uint8_t flags = 0;
  places own;  // where the node that tells can be dialled
  std::vector<node_id> left, right, failed;
  place_list named;                  // where those of left can be, then those of right
  std::vector<signed_grant> grants;  // by which the node that tells was admitted; told where it may be new

  [[nodiscard]] bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
  void write(core::wire_writer& w) const;
  [[nodiscard]] static leaf_set_state read(core::wire_reader& r);  // failure is the reader's; unknown version fails
  friend bool operator==(const leaf_set_state&, const leaf_set_state&) = default;
};

struct table_row {
  std::uint8_t row = 0;
  std::vector<node_id> entries;
  std::vector<std::uint32_t> rtts;  // of the entries to the node that tells, in microseconds; 0: unknown
  place_list named;                 // where the entries can be dialled
  friend bool operator==(const table_row&, const table_row&) = default;
};

[[nodiscard]] std::uint32_t microseconds(core::duration d) noexcept;  // as a row has it

//   length (2) rows
void write_rows(core::wire_writer& w, const std::vector<table_row>& rows);
[[nodiscard]] std::vector<table_row> read_rows(core::wire_reader& r);

}  // namespace phyllo::overlay
