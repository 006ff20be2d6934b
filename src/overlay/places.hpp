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

constexpr std::size_t own_places_max = 8;
constexpr std::size_t named_places_max = 2;  // of each node that is named

// The first `max` of them.
void write_places(core::wire_writer& w, const places& p, std::size_t max);
// Those that can be dialled; other link types are passed over. Failure is the reader's.
[[nodiscard]] places read_places(core::wire_reader& r);
[[nodiscard]] bool diallable(const transport::candidate& c) noexcept;

// Places of one node, kept as they stand on the wire: of hundreds of nodes that are known few are ever dialled again.
class kept_places {
 public:
  kept_places() = default;
  explicit kept_places(const places& p);  // the first own_places_max
  [[nodiscard]] places all() const;
  [[nodiscard]] core::byte_view first(std::size_t n) const noexcept;  // as they stand in Places, or all, if they are fewer
  [[nodiscard]] bool empty() const noexcept { return wire_.empty(); }
  friend bool operator==(const kept_places&, const kept_places&) = default;

 private:
  core::bytes wire_;  // Places; nothing, if there are none
};

// Places of the nodes of a list, in its order. Kept as they stand on the wire: few are ever looked at.
class place_list {
 public:
  void add(const kept_places& of_next);
  [[nodiscard]] places of(std::size_t index) const;  // none of those beyond the end
  void write(core::wire_writer& w) const;            // length (2) Places...
  // Of `nodes` nodes, or of none at all. Failure is the reader's.
  [[nodiscard]] static place_list read(core::wire_reader& r, std::size_t nodes);
  friend bool operator==(const place_list&, const place_list&) = default;

 private:
  core::bytes wire_;
};

}  // namespace phyllo::overlay
