// The message layer of one node between links that a test holds the other ends of.
#pragma once

#include <functional>
#include <optional>

#include "overlay/support/simulated_ring.hpp"
#include "overlay/support/usual_messenger.hpp"
#include "pastry/ring_view.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/messenger.hpp"

namespace phyllo::testing {

// A link that takes down what it is given.
class noting_link final : public transport::link {
 public:
  noting_link(simulated_world& w, identity::certificate peer) : world_(w), peer_(std::move(peer)) {}

  void observe(transport::link_observer*) override {}
  core::status send(core::byte_view message, std::uint64_t token) override {
    const auto m = overlay::parse_header(message);
    REQUIRE(m.has_value());
    sent.push_back({m->header, core::to_bytes(m->payload), world_.now(), token});
    return {};
  }
  void close() override {}
  [[nodiscard]] const identity::certificate& peer() const noexcept override { return peer_; }
  [[nodiscard]] transport::endpoint remote() const override { return simulated_network::address(0); }
  [[nodiscard]] transport::link_kind kind() const noexcept override { return transport::link_kind::dtls; }
  [[nodiscard]] bool open() const noexcept override { return true; }
  [[nodiscard]] core::duration rtt() const noexcept override { return 2ms; }
  [[nodiscard]] core::duration rto() const noexcept override { return 50ms; }

  struct sending {
    overlay::forwarding_header header;
    core::bytes payload;
    core::time_point at;
    std::uint64_t token;
  };
  std::vector<sending> sent;

 private:
  simulated_world& world_;
  identity::certificate peer_;
};

// Asks nobody, and keeps what it is asked.
class quiet : public overlay::neighbour_observer, public overlay::messenger_observer {
 public:
  void on_request(overlay::received_request r) override {
    asked.push_back(std::move(r));
    if (const auto then = on_asked) then();
  }
  void on_heard(const overlay::node_id&) override {}
  void on_overdue(const overlay::node_id&) override {}
  void on_link_closed(const overlay::node_id& n, const core::error&) override {
    if (closed) closed(n);
  }
  void on_configuration_differs(const overlay::node_id&, bool) override {}
  void on_old_configuration(overlay::destination_list, const overlay::node_id&) override {}
  void on_new_configuration(const overlay::node_id&) override {}
  void on_unknown_signer(const overlay::node_id&) override {}
  void on_unjudged(const overlay::node_id&, const overlay::message_contents&) override {}
  void on_judged(const overlay::node_id&) override {}
  void on_unanswered(const overlay::node_id&) override {}
  void on_agenda_changed() override {}

  std::vector<overlay::received_request> asked;
  std::function<void()> on_asked;
  std::function<void(const overlay::node_id&)> closed;  // what becomes of a node whose link has closed
};

// An active node and two neighbours: one that it asks after, since it was silent, and behind it one that is well.
struct neighbours {
  neighbours() {
    REQUIRE(trust.update({members.ca.certificate_der()}, {}).has_value());
    for (auto* n : {&suspect, &well}) {
      links.add(*n, true, world.now());
      auto& r = ring.record((*n)->peer().node());
      r.peer = r.active = r.admitted = r.link.open = true;
      ring.enter((*n)->peer().node());
    }
    ring.active = true;
    ring.record(suspect->peer().node()).doubt.suspect = true;
  }

  std::shared_ptr<noting_link> neighbour(std::uint8_t first) { return std::make_shared<noting_link>(world, issue(first).certificate); }
  identity::credential issue(std::uint8_t first) {
    identity::node_id id;
    id.octets[0] = first;
    return members.issue("node@example.org", id);
  }
  // A Ping that `n` has made arrives by the link of `from`; it is for this node, or for `to`.
  void ping_from(const identity::credential& n, noting_link& from, overlay::destination_list via,
                 const std::optional<overlay::destination>& to = std::nullopt) {
    overlay::message_contents m;
    m.code = overlay::code::ping_req;
    m.body = overlay::encode_ping_request();
    overlay::forwarding_header h;
    h.overlay = trust.overlay_hash();
    h.configuration_sequence = 1;
    h.ttl = 30;
    h.transaction_id = world.random()();
    h.via = std::move(via);
    h.destinations = {to.value_or(overlay::destination::to_node(self->certificate.node()))};
    messenger.on_message(from, h.message(overlay::seal_payload(m, h.overlay, h.transaction_id, n)));
  }
  void overdue(std::uint64_t token) {
    ring.record(well->peer().node()).doubt.suspect = true;
    messenger.on_overdue(*well, token);
  }
  void recover() { ring.record(suspect->peer().node()).doubt.suspect = false; }
  void ask(const identity::node_id& n, overlay::requester::options o) {
    overlay::message_contents m;
    m.code = overlay::code::ping_req;
    m.body = overlay::encode_ping_request();
    messenger.requests().ask({overlay::destination::to_node(n)}, std::move(m), world.now() + 10s, o,
                             [this](const core::result<overlay::answer>&) { ++ended; });
    messenger.requests().run_due(world.now());
  }

  simulated_world world{1};
  simulated_overlay members{world};
  std::shared_ptr<const identity::credential> self = std::make_shared<identity::credential>(issue(0x80));
  std::shared_ptr<noting_link> suspect = neighbour(0x85);
  std::shared_ptr<noting_link> well = neighbour(0x86);
  overlay::ring_view ring{self->certificate.node(), 8, 4, 8};
  overlay::link_table links{self->certificate.node()};
  identity::trust trust{members.name};
  core::metrics metrics;
  quiet observer;
  overlay::messenger messenger{world.env(), usual_messenger(), self, ring, links, trust, metrics, core::logger(), observer, observer};
  int ended = 0;
};

}  // namespace phyllo::testing
