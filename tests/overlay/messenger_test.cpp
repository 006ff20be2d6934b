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
  core::status send(core::byte_view message, std::uint64_t) override {
    const auto m = overlay::parse_header(message);
    REQUIRE(m.has_value());
    sent.push_back({m->header, world_.now()});
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
  };
  std::vector<sending> sent;

 private:
  simulated_world& world_;
  identity::certificate peer_;
};

class deaf final : public overlay::messenger_observer {
 public:
  void on_request(overlay::received_request) override {}
  void on_heard(const overlay::node_id&) override {}
  void on_overdue(const overlay::node_id&) override {}
  void on_link_closed(const overlay::node_id&, const core::error&) override {}
  void on_configuration_differs(const overlay::node_id&, bool) override {}
  void on_old_configuration(overlay::destination_list, const overlay::node_id&) override {}
  void on_unknown_signer(const overlay::node_id&) override {}
  void on_agenda_changed() override {}
};

// An active node and two neighbours: one that it asks after, since it was silent, and behind it one that is well.
struct neighbours {
  neighbours() {
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
  deaf observer;
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
