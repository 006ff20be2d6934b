#include "kinds/turn_server.hpp"

#include "phyllo/identity/digest.hpp"
#include "reload/ip_address_port.hpp"

namespace phyllo::overlay {

core::bytes turn_server::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(iteration);
  write_address_port(w, at);
  return out;
}

core::result<turn_server> turn_server::decode(core::byte_view value) {
  core::wire_reader r(value);
  turn_server t;
  t.iteration = r.u8();
  t.at = read_address_port(r);
  if (!r.done() || t.iteration == 0 || t.iteration > turn_iterations_max) return core::fail(errc::invalid_record, "TurnServer");
  return t;
}

resource_id multiple_resource(const node_id& node, std::uint8_t i, resource_hash h) {
  auto text = core::to_bytes(node.octets);
  text.push_back(i);
  return hash_to_resource(h, text);
}

resource_id node_resource(const node_id& node, resource_hash h) { return hash_to_resource(h, node.octets); }

}  // namespace phyllo::overlay
