#include "reload/node_list.hpp"

namespace phyllo::overlay {

void write_nodes(core::wire_writer& w, const std::vector<node_id>& nodes) {
  w.reserve(2 + nodes.size() * node_id::size);
  const auto m = w.open(2);
  for (const auto& n : nodes) w.raw(n.octets);
  w.close(m);
}

std::vector<node_id> read_nodes(core::wire_reader& r) {
  core::wire_reader list(r.opaque(2));
  std::vector<node_id> out;
  if (list.remaining() % node_id::size != 0 || list.remaining() > node_ids_max * node_id::size) r.fail();
  if (r.ok()) out.reserve(list.remaining() / node_id::size);
  while (r.ok() && !list.empty()) {  // ends with the list
    const auto id = node_id::from_bytes(list.take(node_id::size));
    if (!id || id->reserved()) {
      r.fail();
    } else {
      out.push_back(*id);
    }
  }
  return out;
}

}  // namespace phyllo::overlay
