// A node with a link to a peer that sends whatever a test wants, and keeps what comes back.
#pragma once

#include "overlay/support/simulated_ring.hpp"
#include "reload/message.hpp"

namespace phyllo::testing {

class stranger final : public transport::link_observer {
 public:
  stranger(simulated_ring& ring, const identity::credential& as) : ring_(ring), host_(ring.network.add(as.certificate)), self(as) {}

  // Links to peer `i`.
  void connect(std::size_t i) {
    ring_.world.run(dial(static_cast<unsigned>(i)));
    REQUIRE(link != nullptr);
    link->observe(this);
  }

  // A request as `by` would have signed it, for `to`; `via`: as if it had come through these.
  [[nodiscard]] overlay::forwarding_header header(overlay::destination to, overlay::destination_list via = {}) {
    overlay::forwarding_header h;
    h.overlay = identity::trust(ring_.overlay.name).overlay_hash();
    h.configuration_sequence = 1;
    h.ttl = 30;
    h.transaction_id = core::random_u64(ring_.world.env());
    h.destinations = {std::move(to)};
    h.via = std::move(via);
    return h;
  }
  [[nodiscard]] static core::bytes seal(const overlay::forwarding_header& h, const overlay::message_contents& m,
                                        const identity::credential& by) {
    return overlay::seal_payload(m, h.overlay, h.transaction_id, by);
  }
  void send(const overlay::forwarding_header& h, core::byte_view payload) {
    REQUIRE(link->send(h.message(payload), 0).has_value());
    ring_.world.run_for(500ms);
  }
  // Sends, and gives the answer's contents, if one comes.
  std::optional<overlay::message_contents> ask(const overlay::forwarding_header& h, core::byte_view payload) {
    return ask_in(h, h.message(payload));
  }
  // The same with the bytes of the message, whatever they say.
  std::optional<overlay::message_contents> ask_in(const overlay::forwarding_header& h, core::byte_view bytes_sent) {
    received.clear();
    REQUIRE(link->send(bytes_sent, 0).has_value());
    ring_.world.run_for(500ms);
    for (const auto& bytes : received) {
      const auto m = overlay::parse_header(bytes);
      if (!m || m->header.transaction_id != h.transaction_id) continue;
      if (auto opened = overlay::open_payload(m->payload)) return opened->contents;
    }
    return std::nullopt;
  }

  void on_message(transport::link&, core::byte_view message) override { received.push_back(core::to_bytes(message)); }
  void on_acknowledged(transport::link&, std::uint64_t) override {}
  void on_overdue(transport::link&, std::uint64_t) override {}
  void on_closed(transport::link&, const core::error&) override { closed = true; }

 private:
  core::awaitable<void> dial(unsigned i) {
    std::vector<transport::candidate> to{simulated_network::candidate(i)};
    auto l = co_await host_.connect(std::move(to), std::nullopt, ring_.world.now() + 5s);
    if (l) link = std::move(*l);
  }

  simulated_ring& ring_;
  simulated_host& host_;

 public:
  identity::credential self;
  std::shared_ptr<transport::link> link;
  std::vector<core::bytes> received;
  bool closed = false;
};

}  // namespace phyllo::testing
