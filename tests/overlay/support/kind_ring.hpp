// A ring whose users keep notes, of a private Kind that its document does not have.
#pragma once

#include "kinds/sip_registration.hpp"
#include "overlay/support/simulated_ring.hpp"

namespace phyllo::testing {

struct kind_ring : simulated_ring {
  static constexpr std::uint32_t notes = 0xF0000100;

  explicit kind_ring(std::size_t n) : simulated_ring(11) { grow(n); }
  void grow(std::size_t n) {
    while (peers.size() < n) add();
    REQUIRE(join_all(60s));
    REQUIRE(settle(60s));
    world.run_for(2s);
  }
  // Of an array that each user keeps under his own name.
  [[nodiscard]] std::string block(std::uint32_t max_count = 4, std::uint32_t id = notes) const {
    return identity::print_kind_block({id, "", "ARRAY", "USER-MATCH", max_count, 100}, *overlay.signer);
  }
  core::status adopt(std::size_t at, const std::string& text) { return finish(peers[at]->peer->adopt_kind(text)); }
  [[nodiscard]] static overlay::resource_id place_of(std::size_t user) {
    return overlay::user_resource("node" + std::to_string(user) + "@example.org");
  }
  core::status store(std::size_t by) {
    const auto stored = finish(peers[by]->peer->uses().store_entry(notes, place_of(by), {0, {}, {1, 2, 3}, true}, 600s, 5s));
    return stored ? core::status() : core::fail(stored.error());
  }
  [[nodiscard]] std::size_t values(std::size_t reader, std::size_t user) {
    const auto got = finish(peers[reader]->peer->uses().fetch_entries(notes, place_of(user), 5s));
    return got ? got->size() : 0;
  }
  // ConfigUpdates of now on come to nothing.
  void lose_updates() {
    network.tap = [](unsigned, unsigned, core::bytes& message) {
      const auto m = overlay::parse_header(message);
      if (m && overlay::peek_code(m->payload) == overlay::code::config_update_req) message.clear();
    };
  }
};

}  // namespace phyllo::testing
