// The parts of the message layer of one node, between links that a test holds the other ends of.
#pragma once

#include "overlay/support/neighbours.hpp"
#include "overlay/support/node_ids.hpp"
#include "reload/responder.hpp"

namespace phyllo::testing {

// Keeps what is handed on.
struct noting_layers final : quiet, overlay::router_observer, overlay::own_requests {
  void on_arrived(const overlay::forwarding_header& h, const overlay::payload_ptr&, const std::optional<overlay::node_id>&) override {
    arrived.push_back(h);
  }
  void on_own_request(const overlay::forwarding_header& h, const overlay::message_contents& m) override { own.emplace_back(h, m); }
  void on_held() override { ++held; }
  void on_unanswered(const overlay::node_id& n) override { unanswered.push_back(n); }
  void on_configuration_differs(const overlay::node_id&, bool too_old) override { differs.push_back(too_old); }

  std::vector<overlay::forwarding_header> arrived;
  std::vector<std::pair<overlay::forwarding_header, overlay::message_contents>> own;
  std::vector<overlay::node_id> unanswered;
  std::vector<bool> differs;
  unsigned held = 0;
};

// A node at 80, which knows 85, a suspect, and 86.
struct message_layer : neighbours {
  [[nodiscard]] std::uint64_t dropped(const std::string& reason) const {
    const auto drops = counted.drops();
    const auto at = drops.find(reason);
    return at == drops.end() ? 0 : at->second;
  }
  [[nodiscard]] static overlay::message_contents contents(std::uint16_t code, core::bytes body = {}) {
    overlay::message_contents m;
    m.code = code;
    m.body = std::move(body);
    return m;
  }
  // A header as another has made it, to this destination.
  [[nodiscard]] overlay::forwarding_header header(overlay::destination to, std::uint64_t transaction = 7) const {
    overlay::forwarding_header h;
    h.overlay = trust.overlay_hash();
    h.configuration_sequence = 1;
    h.ttl = 30;
    h.transaction_id = transaction;
    h.destinations = {std::move(to)};
    return h;
  }
  // Sealed by this node; nobody asks here whose signature it is.
  [[nodiscard]] overlay::payload_ptr payload(const overlay::message_contents& m) const {
    return std::make_shared<core::bytes>(overlay::seal_payload(m, trust.overlay_hash(), 7, *self));
  }
  // What a message that was sent says.
  [[nodiscard]] static overlay::message_contents said(const noting_link::sending& s) {
    auto opened = overlay::open_payload(s.payload);
    REQUIRE(opened.has_value());
    return std::move(opened->contents);
  }
  [[nodiscard]] static std::uint16_t error_of(const noting_link::sending& s) {
    const auto m = said(s);
    const auto e = overlay::read_error(m);
    return m.code == overlay::code::error && e ? e->code : std::uint16_t{0};
  }

  core::metrics counted;
  overlay::message_counters counters{counted, core::logger()};
  noting_layers up;
  overlay::message_maker maker{self, trust, 100};
  overlay::message_router router{world.env(), true, ring, links, maker, counters, up};
  overlay::requester own{world.env(), 5, std::chrono::seconds(1), ring, maker, router, counters, up, up, up};
};

}  // namespace phyllo::testing
