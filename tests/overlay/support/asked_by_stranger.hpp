// What a stranger is answered who is linked to a peer of a ring of four.
#pragma once

#include <memory>
#include <optional>

#include "overlay/support/simulated_ring.hpp"
#include "overlay/support/stranger.hpp"
#include "reload/diagnostic_messages.hpp"

namespace phyllo::testing {

struct asked_by_stranger {
  asked_by_stranger() {
    for (int i = 0; i < 4; ++i) ring.add();
    REQUIRE(ring.join_all(30s));
    who = std::make_unique<stranger>(ring, ring.overlay.issue("stranger@example.org"));
    who->connect(0);
  }
  [[nodiscard]] overlay::forwarding_header header() { return who->header(overlay::destination::to_node(ring.peers[0]->id())); }
  std::optional<overlay::message_contents> ask(const overlay::forwarding_header& h, const overlay::message_contents& m) {
    return who->ask(h, stranger::seal(h, m, who->self));
  }
  [[nodiscard]] std::uint64_t now_ms() { return core::unix_milliseconds(ring.world.env().wall_now()); }

  simulated_ring ring;
  std::unique_ptr<stranger> who;
};

inline std::uint16_t error_of(const std::optional<overlay::message_contents>& m) {
  REQUIRE(m.has_value());
  const auto e = overlay::read_error(*m);
  return e ? e->code : 0;
}

inline overlay::message_contents ping() {
  overlay::message_contents m;
  m.code = overlay::code::ping_req;
  m.body = overlay::encode_ping_request();
  return m;
}

}  // namespace phyllo::testing
