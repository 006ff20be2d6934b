#include "messenger.hpp"

#include <doctest.h>

#include "diagnostic_messages.hpp"
#include "overlay/support/simulated_ring.hpp"

using namespace phyllo;
using namespace phyllo::testing;

namespace {

// A link that takes down what it is given.
class noting_link final : public transport::link {
 public:
  noting_link(simulated_world& w, identity::certificate peer) : world_(w), peer_(std::move(peer)) {}

  void observe(transport::link_observer*) override {}
  core::status send(core::byte_view message, std::uint64_t token) override {
    const auto m = overlay::parse_header(message);
    REQUIRE(m.has_value());
    sent.push_back({m->header, world_.now(), token});
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
    core::time_point at;
    std::uint64_t token;
  };
  std::vector<sending> sent;

 private:
  simulated_world& world_;
  identity::certificate peer_;
};

// Asks nobody, and keeps what it is asked.
class quiet final : public overlay::messenger_observer {
 public:
  void on_request(overlay::received_request r) override { asked.push_back(std::move(r)); }
  void on_heard(const overlay::node_id&) override {}
  void on_overdue(const overlay::node_id&) override {}
  void on_link_closed(const overlay::node_id&, const core::error&) override {}
  void on_configuration_differs(const overlay::node_id&, bool) override {}
  void on_old_configuration(overlay::destination_list, const overlay::node_id&) override {}
  void on_unknown_signer(const overlay::node_id&) override {}
  void on_agenda_changed() override {}

  std::vector<overlay::received_request> asked;
};

// An active node and two neighbours: one that it asks after, since it was silent, and behind it one that is well.
struct neighbours {
  neighbours() {
    REQUIRE(trust.update({members.ca.certificate_der()}, {}).has_value());
    for (auto* n : {&suspect, &well}) {
      links.add(*n, true, world.now());
      auto& r = ring.record((*n)->peer().node());
      r.active = r.linked = true;
      ring.enter((*n)->peer().node());
    }
    ring.active = true;
    ring.record(suspect->peer().node()).suspect = true;
  }

  std::shared_ptr<noting_link> neighbour(std::uint8_t first) { return std::make_shared<noting_link>(world, issue(first).certificate); }
  identity::credential issue(std::uint8_t first) {
    identity::node_id id;
    id.octets[0] = first;
    return members.issue("node@example.org", id);
  }
  // A Ping that `n` has made arrives by the link of `from`.
  void ping_from(const identity::credential& n, noting_link& from, overlay::destination_list via) {
    overlay::message_contents m;
    m.code = overlay::code::ping_req;
    m.body = overlay::print_ping_request();
    overlay::forwarding_header h;
    h.overlay = trust.overlay_hash();
    h.configuration_sequence = 1;
    h.ttl = 30;
    h.transaction_id = world.random()();
    h.via = std::move(via);
    h.destinations = {overlay::destination::to_node(self->certificate.node())};
    messenger.on_message(from, h.message(overlay::seal_payload(m, h.overlay, h.transaction_id, n)));
  }
  void overdue(std::uint64_t token) {
    ring.record(well->peer().node()).suspect = true;
    messenger.on_overdue(*well, token);
  }
  void recover() { ring.record(suspect->peer().node()).suspect = false; }
  void ask(const identity::node_id& n, overlay::messenger::request_options o) {
    overlay::message_contents m;
    m.code = overlay::code::ping_req;
    m.body = overlay::print_ping_request();
    messenger.request({overlay::destination::to_node(n)}, std::move(m), world.now() + 10s, o,
                      [this](const core::result<overlay::answer>&) { ++ended; });
    messenger.run_due(world.now());
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
  overlay::messenger messenger{world.env(), {}, self, ring, links, trust, metrics, core::logger(), observer};
  int ended = 0;
};

}  // namespace

TEST_CASE("what may go by its link only goes to a suspect, too: its answer is what clears the suspicion") {
  neighbours n;
  n.ask(n.suspect->peer().node(), {.link_only = true, .sends_max = 0, .timer = {}});
  REQUIRE(n.suspect->sent.size() == 1);
  CHECK(n.suspect->sent[0].header.destinations == overlay::destination_list{overlay::destination::to_node(n.suspect->peer().node())});
  CHECK(n.well->sent.empty());
  n.world.run_for(1s);
  n.messenger.run_due(n.world.now());  // unanswered, it is sent again by the same link
  CHECK(n.suspect->sent.size() == 2);
  CHECK(n.well->sent.empty());
}

TEST_CASE("all else for a suspect goes round it, by the nearest that is well") {
  neighbours n;
  n.ask(n.suspect->peer().node(), {});
  CHECK(n.well->sent.size() == 1);
  CHECK(n.suspect->sent.empty());
}

TEST_CASE("what may go by its link only is sent to nobody else where there is no such link") {
  neighbours n;
  auto stranger = n.well->peer().node();
  stranger.octets[15] = 1;
  n.ask(stranger, {.link_only = true, .sends_max = 0, .timer = {}});
  CHECK(n.well->sent.empty());
  CHECK(n.suspect->sent.empty());
  CHECK(n.ended == 0);
  n.world.run_for(11s);
  n.messenger.run_due(n.world.now());
  CHECK(n.ended == 1);
}

TEST_CASE("copies of messages whose ACK is late are bounded: in a busy overlay all are late") {
  neighbours n;
  n.recover();
  for (int i = 0; i < 1000; ++i) n.ask(n.well->peer().node(), {});
  const auto first = n.well->sent;
  REQUIRE(first.size() == 1000);
  for (std::size_t i = 0; i < 600; ++i) n.overdue(first[i].token);
  CHECK(n.suspect->sent.size() == 400);
  n.world.run_for(1s);
  for (std::size_t i = 600; i < 1000; ++i) n.overdue(first[i].token);
  CHECK(n.suspect->sent.size() == 600);
  CHECK(n.metrics.get_counter("phyllo_dropped_total", "", {{"reason", "detours"}}).value() == 400);
}

TEST_CASE("an answer to what came straight from its signer never goes round its link; one to a forwarded request does") {
  neighbours n;
  n.recover();
  const auto direct = n.issue(0x86);
  n.ping_from(direct, *n.well, {});
  const auto far = n.issue(0x01);
  n.ping_from(far, *n.well, {overlay::destination::to_node(far.certificate.node())});
  REQUIRE(n.observer.asked.size() == 2);
  for (const auto& r : n.observer.asked) n.messenger.respond(r, overlay::make_error(overlay::error_code::not_found));
  REQUIRE(n.well->sent.size() == 2);
  n.overdue(n.well->sent[0].token);
  CHECK(n.suspect->sent.empty());
  n.overdue(n.well->sent[1].token);
  CHECK(n.suspect->sent.size() == 1);
}
