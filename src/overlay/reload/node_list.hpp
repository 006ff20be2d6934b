// A list of Node-IDs as bodies of messages have it.
//
//   length (2) | NodeId (16) ...
#pragma once

#include <vector>

#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

constexpr std::size_t node_ids_max = 256;  // of one list; an honest side of a leaf set has |L|/2

void write_nodes(core::wire_writer& w, const std::vector<node_id>& nodes);
[[nodiscard]] std::vector<node_id> read_nodes(core::wire_reader& r);  // failure is the reader's

}  // namespace phyllo::overlay
