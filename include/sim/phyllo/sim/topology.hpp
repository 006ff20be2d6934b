// Where the hosts of a simulated network are, and so how long a message takes from one to another.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "phyllo/core/time.hpp"

namespace phyllo::sim {

// Deterministic and symmetric: jitter is the network's.
class topology {
 public:
  virtual ~topology() = default;
  [[nodiscard]] virtual core::duration one_way(unsigned a, unsigned b) const = 0;
};

// All hosts equally far from each other.
[[nodiscard]] std::unique_ptr<topology> make_flat(core::duration one_way);

// Hosts at random points of a square (Rowstron & Druschel 2001, s.3): the distance is the delay.
[[nodiscard]] std::unique_ptr<topology> make_plane(std::uint64_t seed, core::duration side = std::chrono::milliseconds(100));

// Transit domains, to each of whose routers stub domains are attached, and hosts on the stubs' local networks, in the manner of GT-ITM
// (Zegura, Calvert & Bhattacharjee 1996) with MSPastry's numbers: 10 transit domains of 5 routers each, 10 stub domains a transit
// router, 10 routers a stub domain; 1 ms on a host's local network.
[[nodiscard]] std::unique_ptr<topology> make_transit_stub(std::uint64_t seed);

}  // namespace phyllo::sim
