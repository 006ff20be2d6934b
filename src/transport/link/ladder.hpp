// The order and the times at which the rungs to one node, or to any of several hosts, are tried (RFC 8305 s.5); pure.
#pragma once

#include <optional>
#include <vector>

#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/ladder.hpp"

namespace phyllo::transport {

struct ladder_step {
  rung by = rung::dtls;
  endpoint at;             // where this rung goes; a proxy is told it
  endpoint node;           // the candidate that it stands for
  core::duration after{};  // since the start, unless what was started before has failed
  friend bool operator==(const ladder_step&, const ladder_step&) = default;
};

inline constexpr core::duration stagger = std::chrono::milliseconds(250);  // RFC 8305 s.5's Connection Attempt Delay
inline constexpr std::size_t candidates_max = 16;

// Hosts that have DTLS come first, in their order. Each host's rungs begin a stagger apart, best first, but `remembered` before all; each
// further host begins a stagger after the one before it. Sorted by time. Of more than candidates_max candidates the first are taken.
[[nodiscard]] std::vector<ladder_step> plan_ladder(const std::vector<candidate>& to, const ladder_options& o,
                                                   std::optional<rung> remembered);

// Whether `proxy` is not used for this address.
[[nodiscard]] bool is_exempt(const http_proxy& proxy, const asio::ip::address& to);

}  // namespace phyllo::transport
