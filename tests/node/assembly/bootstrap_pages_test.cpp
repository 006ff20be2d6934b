#include "assembly/bootstrap_pages.hpp"

#include <doctest.h>

#include "phyllo/enrollment/supernode_list.hpp"
#include "phyllo/sim/issuer.hpp"
#include "phyllo/sim/network.hpp"
#include "support/simulated_world.hpp"

namespace bootstrap_pages_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::awaitable<void> ask(enrollment::bootstrap_server& s, transport::http_request r, transport::http_response& to) {
  to = co_await s.handle(std::move(r));
}

core::awaitable<void> begin(overlay::peer& p, core::time_point deadline) {
  std::vector<transport::candidate> nobody;
  const auto joined = co_await p.join(std::move(nobody), deadline);
  CHECK(joined.has_value());
}

// A node at 192.0.2.7 that is the whole ring of its overlay.
struct fixture {
  fixture() {
    settings.overlay.name = "ring.example.com";
    settings.node.address = "192.0.2.7";
    pages.server().publish("document", "PEM");
  }
  transport::http_response get(const std::string& page) {
    transport::http_request r;
    r.method = "GET";
    r.target = "/.well-known/phyllo-" + page;
    r.secure = true;
    transport::http_response to;
    world.run(ask(pages.server(), std::move(r), to));
    return to;
  }
  // The list of supernodes, if it is one.
  enrollment::supernode_list listed() {
    const auto read = enrollment::parse_supernode_list(get("supernodes").body, issuer->trust(), world.wall_now());
    REQUIRE_MESSAGE(read.has_value(), (read ? std::string() : read.error().message()));
    return *read;
  }
  void revoke(std::uint8_t number) {
    revoked.push_back({identity::node_id{}, identity::revoked_before(world.wall_now())});
    revoked.back().key.octets.back() = number;
    auto& list = issuer->trust().revocations();
    const auto next = list.succeed(revoked, 0, "ring.example.com", issuer->signer());
    REQUIRE(next.has_value());
    REQUIRE(list.seek(next->head));
    REQUIRE(list.apply(next->delta).has_value());
  }

  testing::simulated_world world{1};
  std::unique_ptr<sim::issuer> issuer = sim::make_issuer(sim::crypto::real, "ring.example.com", world.wall_now(), 1);
  node::configuration settings;
  node::bootstrap_pages pages{world.env(), settings, issuer->trust()};
  std::vector<identity::revocation> revoked;
};

struct whole_ring {
  explicit whole_ring(fixture& of) : f(of), host(network.add(self->certificate)) {
    f.world.run(begin(*peer, f.world.now() + 10s));
    f.pages.list(*peer, self);
  }
  ~whole_ring() { f.world.run(peer->stop()); }
  whole_ring(const whole_ring&) = delete;
  whole_ring& operator=(const whole_ring&) = delete;

  static sim::issuer::request request(core::wall_time now) {
    sim::issuer::request r;
    r.node.octets[0] = 7;
    r.user = "node7@ring.example.com";
    r.not_before = now - 1h;
    r.not_after = now + 24h;
    return r;
  }
  static overlay::peer_options first() {
    overlay::peer_options o;
    o.first = true;
    o.storage = false;
    return o;
  }

  fixture& f;
  sim::network network{f.world};
  core::metrics metrics;
  std::shared_ptr<const identity::credential> self = std::make_shared<identity::credential>(f.issuer->issue(request(f.world.wall_now())));
  sim::host& host;
  std::unique_ptr<overlay::peer> peer =
      overlay::peer::create(f.world.env(), first(), self, f.issuer->configuration(), f.issuer->trust(), host, metrics, {});
};

}  // namespace

TEST_CASE("before a node is part of the overlay it lists nobody, and it has no revocation list before there is one") {
  fixture f;
  CHECK(f.get("supernodes").status == 503);
  CHECK(f.get("revocations").status != 200);
  CHECK(f.get("signer").body == "PEM");
}

TEST_CASE("the list has this node where it is reached, is signed by it, and is made anew every ten seconds at most") {
  fixture f;
  const whole_ring ring(f);
  const auto first = f.listed();
  CHECK(first.overlay == "ring.example.com");
  REQUIRE(first.nodes.size() == 1);
  CHECK(first.nodes[0].address == "192.0.2.7");
  CHECK(first.nodes[0].port == 6084);
  f.world.run_for(9s);
  CHECK(f.listed().time == first.time);
  f.world.run_for(2s);
  CHECK(f.listed().time > first.time);
}

TEST_CASE("a node that does not know its own address does not list itself") {
  fixture f;
  f.settings.node.address = "0.0.0.0";
  const whole_ring ring(f);
  CHECK(f.listed().nodes.empty());
}

TEST_CASE("the revocation list is given as it is now, in its one form") {
  fixture f;
  f.revoke(1);
  const auto one = f.get("revocations");
  CHECK(one.status == 200);
  CHECK(one.body == core::as_text(f.issuer->trust().revocations().encode()));
  f.revoke(2);
  const auto two = f.get("revocations");
  CHECK(two.body != one.body);
  CHECK(two.body == core::as_text(f.issuer->trust().revocations().encode()));
}

}  // namespace bootstrap_pages_test
