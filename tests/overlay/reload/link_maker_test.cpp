#include "reload/link_maker.hpp"

#include <doctest.h>

#include "overlay/support/neighbours.hpp"
#include "overlay/support/simulated_ring.hpp"
#include "overlay/support/usual_messenger.hpp"
#include "pastry/ring_view.hpp"

namespace link_maker_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::node_id;

namespace {

// A host with a message layer, which knows of others what its links say.
class maker_node final : public overlay::link_maker_observer, public quiet {
 public:
  maker_node(simulated_network& network, simulated_overlay& members)
      : credential(std::make_shared<identity::credential>(members.issue("node@example.org"))),
        trust(members.name),
        host(network.add(credential->certificate)),
        links(id()),
        ring(id(), 32, 4, 16),
        messenger(host.env(), testing::usual_messenger(), credential, ring, links, trust, metrics, core::logger(), *this, *this),
        making(host.env(), id(), trust, host, links, messenger, metrics, *this),
        tasks(host.env()) {
    REQUIRE(trust.update({members.ca.certificate_der()}, {}).has_value());
    making.start();
    tasks.spawn(agenda());
  }

  [[nodiscard]] const node_id& id() const { return credential->certificate.node(); }
  [[nodiscard]] overlay::places place() const { return {simulated_network::candidate(host.index())}; }
  core::awaitable<void> stop() {
    messenger.stop();
    tasks.cancel();
    co_await making.stop();
    co_await tasks.join();
    for (const auto& l : links.all()) l->observe(nullptr);
  }

  [[nodiscard]] overlay::places places_of(const node_id& n) const override {
    const auto* r = ring.find(n);
    return r != nullptr ? r->candidates.all() : overlay::places();
  }
  void learn_places(const node_id& n, const overlay::places& p) override { ring.learn_places(n, p); }
  [[nodiscard]] core::time_point heard(const node_id& n) const override {
    const auto* r = ring.find(n);
    return r != nullptr ? r->link.heard : core::time_point{};
  }
  [[nodiscard]] bool has_room_for(const node_id&) override { return room; }
  void on_linked(const node_id& n, const transport::link&, bool dialled, bool first) override {
    auto& r = ring.record(n);
    r.link.open = r.peer = r.active = true;
    r.link.heard = host.env().now();
    linked.push_back({n, dialled, first});
  }
  void on_update_wanted(const node_id& n) override { updates.push_back(n); }
  void on_request(overlay::received_request r) override {
    if (r.contents.code == overlay::code::attach_req) making.on_attach(r);
  }

  struct linking {
    node_id node;
    bool dialled;
    bool first;
  };

  std::shared_ptr<identity::credential> credential;
  core::metrics metrics;
  identity::trust trust;
  simulated_host& host;
  overlay::link_table links;
  overlay::ring_view ring;
  overlay::messenger messenger;
  overlay::link_maker making;
  core::task_scope tasks;
  std::vector<linking> linked;
  std::vector<node_id> updates;
  bool room = true;

 private:
  core::awaitable<void> agenda() {
    while (true) {  // ends by cancellation
      messenger.requests().run_due(host.env().now());
      co_await core::sleep_for(host.env(), 5ms);
    }
  }
};

struct scene {
  scene() {
    for (int i = 0; i < 3; ++i) nodes.push_back(std::make_unique<maker_node>(network, members));
  }
  ~scene() {
    for (auto& n : nodes) world.run(n->stop());
  }
  maker_node& at(std::size_t i) { return *nodes[i]; }
  // Whether node `i` has a link to node `j` after it was asked for one.
  bool ensure(std::size_t i, std::size_t j, std::optional<std::size_t> via, overlay::places said, core::duration limit = 5s) {
    bool out = false;
    world.run(keep(at(i).making.ensure(at(j).id(), via ? std::optional(at(*via).id()) : std::nullopt, std::move(said), world.now() + limit),
                   out));
    world.run_for(50ms);
    return out;
  }
  static core::awaitable<void> keep(core::awaitable<bool> task, bool& out) { out = co_await std::move(task); }

  simulated_world world{7};
  simulated_network network{world};
  simulated_overlay members{world};
  std::vector<std::unique_ptr<maker_node>> nodes;
};

}  // namespace

TEST_CASE("a node is dialled where it is said to be, once") {
  scene s;
  CHECK(s.ensure(0, 1, {}, s.at(1).place()));
  CHECK(s.ensure(0, 1, {}, s.at(1).place()));
  REQUIRE(s.at(0).linked.size() == 1);
  CHECK(s.at(0).linked[0].dialled);
  CHECK(s.at(0).linked[0].first);
  REQUIRE(s.at(1).linked.size() == 1);
  CHECK_FALSE(s.at(1).linked[0].dialled);
}

TEST_CASE("where a node is is asked of one that both have a link to, and the node asked dials") {
  scene s;
  REQUIRE(s.ensure(0, 1, {}, s.at(1).place()));
  REQUIRE(s.ensure(2, 1, {}, s.at(1).place()));
  CHECK(s.ensure(0, 2, 1, {}));
  CHECK_FALSE(s.at(0).linked.back().dialled);
  CHECK(s.at(2).linked.back().dialled);
  CHECK(s.at(0).places_of(s.at(2).id()) == s.at(2).place());  // as its answer says
}

TEST_CASE("of two that want a link at once each has one") {
  scene s;
  REQUIRE(s.ensure(0, 1, {}, s.at(1).place()));
  REQUIRE(s.ensure(2, 1, {}, s.at(1).place()));
  bool first = false;
  bool second = false;
  const auto deadline = s.world.now() + 5s;
  s.at(0).tasks.spawn(scene::keep(s.at(0).making.attach(s.at(2).id(), s.at(1).id(), deadline), first));
  s.at(2).tasks.spawn(scene::keep(s.at(2).making.attach(s.at(0).id(), s.at(1).id(), deadline), second));
  s.world.run_for(1s);
  CHECK(first);
  CHECK(second);
  CHECK(s.at(0).links.of(s.at(2).id()).size() == 1);
}

TEST_CASE("there is no link where nobody is, in time") {
  scene s;
  const auto start = s.world.now();
  s.network.cut = {{0U, 1U}};
  CHECK_FALSE(s.ensure(0, 1, {}, s.at(1).place(), 3s));
  CHECK(s.world.now() - start < 4s);
}

TEST_CASE("a link is closed at once where there is no room for it, or no trust in its peer") {
  scene s;
  s.at(1).room = false;
  (void)s.ensure(0, 1, {}, s.at(1).place());
  CHECK(s.at(1).linked.empty());
  CHECK(s.at(1).metrics.text().find("clients_full") != std::string::npos);
  REQUIRE(s.at(2).trust.update({s.members.ca.certificate_der()}, {s.at(0).id()}).has_value());
  (void)s.ensure(0, 2, {}, s.at(2).place());
  CHECK(s.at(2).linked.empty());
  CHECK(s.at(2).metrics.text().find("untrusted_link") != std::string::npos);
}

TEST_CASE("who waits for a link waits no more when it is stopped") {
  scene s;
  s.network.cut = {{0U, 1U}};
  bool out = true;
  s.at(0).tasks.spawn(scene::keep(s.at(0).making.dial(s.at(1).id(), s.at(1).place(), s.world.now() + 1h), out));
  s.world.run_for(1s);
  const auto start = s.world.now();
  s.world.run(s.at(0).stop());
  CHECK(s.world.now() - start < 1s);
}

}  // namespace link_maker_test
