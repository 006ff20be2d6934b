// Where nodes can be dialled, as they tell it of themselves and of those they name: who hears of a node need not ask its way to it by
// Attach. Who dials asks for the Node-ID, so a wrong place costs an attempt.
//
//   Place:  overlay link type (1): 3 DTLS, 4 TLS | IpAddressPort
//   Places: length (1) Place...
#pragma once

#include <cstddef>
#include <vector>

#include "phyllo/core/wire.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::overlay {

using places = std::vector<transport::candidate>;

constexpr std::size_t own_places_max = 4;
constexpr std::size_t hosts_of_node_max = 2;  // addresses among them: one of each family, or two networks
constexpr std::size_t named_places_max = 2;   // of each node that is named

// The first `max` of them.
void write_places(core::wire_writer& w, const places& p, std::size_t max);
// Those that can be dialled, as select_places has them; link and address types that are not known are passed over.
// Failure is the reader's.
[[nodiscard]] places read_places(core::wire_reader& r);
// Of all that a node says it lives at, or another says of it: the first own_places_max that somebody might dial, at hosts_of_node_max
// addresses. Whether this node dials one is for the transport to say (transport::address_policy).
[[nodiscard]] places select_places(const places& said);

// Places of one node, kept as they stand on the wire: of hundreds of nodes that are known few are ever dialled again.
class kept_places {
 public:
  kept_places() = default;
  explicit kept_places(const places& p);  // the first own_places_max
  [[nodiscard]] places all() const;
  [[nodiscard]] bool empty() const noexcept { return wire_.empty(); }
  friend bool operator==(const kept_places&, const kept_places&) = default;

 private:
  core::bytes wire_;  // Places; nothing, if there are none
};

// Places of the nodes of a list, in its order. Kept as they stand on the wire: few are ever looked at.
class place_list {
 public:
  void add(const places& of_next);                   // the first named_places_max
  [[nodiscard]] places of(std::size_t index) const;  // no more either; none of those beyond the end
  void write(core::wire_writer& w) const;            // length (2) Places...
  // Of `nodes` nodes, or of none at all. Failure is the reader's.
  [[nodiscard]] static place_list read(core::wire_reader& r, std::size_t nodes);
  friend bool operator==(const place_list&, const place_list&) = default;

 private:
  core::bytes wire_;
};

}  // namespace phyllo::overlay
