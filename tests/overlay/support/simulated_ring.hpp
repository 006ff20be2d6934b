// Real peers of one overlay on a simulated network.
#pragma once

#include <doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "overlay/support/simulated_network.hpp"
#include "pastry/leaf_set.hpp"
#include "peer/peer_impl.hpp"
#include "phyllo/identity/configuration.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/ring.hpp"

namespace phyllo::testing {

// Login server, configuration signer and document of one overlay.
struct simulated_overlay {
  explicit simulated_overlay(simulated_world& w, std::string instance = "example.org") : world(w), name(std::move(instance)) {
    signer = issue("signer@" + name);
  }

  [[nodiscard]] identity::credential issue(const std::string& user, std::optional<identity::node_id> node = {},
                                           core::duration validity = 24h, const identity::authority* by = nullptr, bool peer = true) {
    identity::node_id id;
    world.env().random(id.octets);
    const auto now = world.env().wall_now();
    auto key = identity::private_key::generate();
    const auto issued = now - identity::certificates_dated_back - 2h;
    const auto until = now + std::chrono::duration_cast<core::wall_time::duration>(validity);
    auto certificate = (by != nullptr ? *by : ca).issue({node.value_or(id), user, name, {}, issued, until, peer}, key.native()).value();
    return {std::move(certificate), std::move(key)};
  }
  [[nodiscard]] std::string document(std::uint16_t sequence = 1, std::vector<identity::node_id> bad_nodes = {}) const {
    identity::configuration c;
    c.instance_name = name;
    c.sequence = sequence;
    c.expiration = world.env().wall_now() + 24h * 100;
    c.root_certificates = {ca.certificate_der()};
    c.configuration_signers = {signer->certificate.node()};
    c.bad_nodes = std::move(bad_nodes);
    c.diagnostics = diagnostics;
    c.kinds = identity::standard_kinds();
    c.topology_plugin = topology;
    c.chord = chord;
    return identity::print(c, *signer);
  }

  simulated_world& world;
  std::string name;
  identity::authority ca = identity::authority::create("example CA", world.env().wall_now() - 3h);
  std::optional<identity::credential> signer;
  std::vector<identity::diagnostic_access> diagnostics;  // of documents from now on
  std::string topology{identity::pastry_topology};
  identity::chord_settings chord;
};

struct simulated_peer {
  core::metrics metrics;
  std::unique_ptr<identity::trust> trust;
  std::shared_ptr<const identity::credential> credential;
  std::unique_ptr<overlay::peer_impl> peer;
  simulated_host* host = nullptr;
  bool alive = true;

  [[nodiscard]] const identity::node_id& id() const { return credential->certificate.node(); }
};

class simulated_ring {
 public:
  explicit simulated_ring(std::uint64_t seed = 1, overlay::peer_options o = {}) : world(seed), network(world), options(o) {
    MESSAGE("seed ", seed);
  }
  ~simulated_ring() {
    for (auto& p : peers) {
      if (p->peer) world.run(p->peer->stop());
    }
  }

  // A peer that has not joined.
  simulated_peer& add(std::optional<identity::credential> with = {}) {
    auto p = std::make_unique<simulated_peer>();
    const auto text = overlay.document();
    auto parsed = identity::parse_configuration(text, {}, world.env().wall_now());
    REQUIRE(parsed.has_value());
    p->trust = std::make_unique<identity::trust>(overlay.name);
    REQUIRE(p->trust->update(parsed->content.root_certificates, {}).has_value());
    auto user = "node" + std::to_string(peers.size()) + "@" + overlay.name;
    p->credential = std::make_shared<identity::credential>(with ? *with : overlay.issue(user, {}, 24h, nullptr, !options.client));
    p->host = &network.add(p->credential->certificate);
    auto o = options;
    o.first = peers.empty();
    p->peer =
        std::make_unique<overlay::peer_impl>(p->host->env(), o, p->credential, *parsed, *p->trust, *p->host, p->metrics, core::logger());
    peers.push_back(std::move(p));
    return *peers.back();
  }

  // What `task` returns, in virtual time.
  template <class T>
  T finish(core::awaitable<T> task) {
    std::optional<T> out;
    world.run(keep(std::move(task), out));
    return std::move(*out);
  }

  // Joins those that have not, all at once; true if all are active in time.
  bool join_all(core::duration limit = 60s, core::duration join_limit = 0s) {
    const auto deadline = world.now() + std::max(limit, join_limit);
    for (auto& p : peers) {
      if (p->alive && p->peer->status().state == overlay::peer_state::joining) tasks.spawn(join(*p, deadline));
    }
    return eventually([this] { return active() == living(); }, limit);
  }

  // True once every leaf set is what it should be.
  bool settle(core::duration limit) {
    return eventually([this] { return complete(); }, limit);
  }

  // Asks `done` every 20 ms only: some questions cost more than the simulation.
  template <class Predicate>
  bool eventually(Predicate done, core::duration limit) {
    const auto end = world.now() + limit;
    while (!done() && world.now() < end) world.run_for(20ms);
    return done();
  }

  void kill(std::size_t i) {
    network.kill(static_cast<unsigned>(i));
    peers[i]->alive = false;
    world.run(peers[i]->peer->stop());
  }

  // The peer that is the i-th of the ring, by Node-ID.
  [[nodiscard]] unsigned at_place(std::size_t i) const {
    const auto id = ids()[i];
    return static_cast<unsigned>(std::ranges::find_if(peers, [&](const auto& p) { return p->id() == id; }) - peers.begin());
  }

  [[nodiscard]] std::size_t living() const {
    return static_cast<std::size_t>(std::ranges::count_if(peers, [](const auto& p) { return p->alive; }));
  }
  [[nodiscard]] std::size_t active() const {
    return static_cast<std::size_t>(std::ranges::count_if(peers, [](const auto& p) { return p->alive && p->peer->active(); }));
  }

  [[nodiscard]] std::vector<identity::node_id> ids() const {
    std::vector<identity::node_id> out;
    for (const auto& p : peers) {
      if (p->alive) out.push_back(p->id());
    }
    std::ranges::sort(out);
    return out;
  }

  // What the leaf sets of all would be, were everything known.
  [[nodiscard]] bool complete() const {
    const auto all = ids();
    for (const auto& p : peers) {
      if (!p->alive) continue;
      overlay::leaf_set ideal(p->id(), options.leaf_set);
      for (const auto& n : all) ideal.insert(n);
      const auto s = p->peer->status();
      if (s.leaf_set.left != ideal.left() || s.leaf_set.right != ideal.right()) return false;
    }
    return true;
  }

  [[nodiscard]] identity::node_id root(const identity::node_id& key) const {
    auto best = ids().front();
    for (const auto& n : ids()) {
      if (overlay::nearer(n, best, key)) best = n;
    }
    return best;
  }

  // A Ping to the root of `key`, from peer `from`.
  core::result<overlay::answer> ping_root(std::size_t from, const identity::node_id& key, core::duration timeout = 8s) {
    std::optional<core::result<overlay::answer>> out;
    world.run(ping(*peers[from]->peer, key, world.now() + timeout, out));
    return *out;
  }

  [[nodiscard]] identity::node_id random_key() {
    identity::node_id id;
    world.env().random(id.octets);
    return id;
  }

  simulated_world world;
  simulated_overlay overlay{world};
  simulated_network network;
  overlay::peer_options options;
  std::vector<std::unique_ptr<simulated_peer>> peers;
  core::task_scope tasks{world.env()};

 private:
  template <class T>
  static core::awaitable<void> keep(core::awaitable<T> task, std::optional<T>& into) {
    into = co_await std::move(task);
  }
  static core::awaitable<void> ping(overlay::peer_impl& from, identity::node_id key, core::time_point deadline,
                                    std::optional<core::result<overlay::answer>>& out) {
    overlay::message_contents m;
    m.code = overlay::code::ping_req;
    m.body = overlay::encode_ping_request();
    out = co_await from.stack().stored().ring().request_root(key, std::move(m), deadline);
  }
  core::awaitable<void> join(simulated_peer& p, core::time_point deadline) {
    std::vector<transport::candidate> bootstrap{simulated_network::candidate(0)};
    if (!peers[0]->alive) bootstrap = {simulated_network::candidate(2)};
    if (&p == peers[0].get()) bootstrap.clear();
    const auto joined = co_await p.peer->join(bootstrap, deadline);
    CHECK_MESSAGE(joined.has_value(), (joined ? std::string() : joined.error().message()));
  }
};

}  // namespace phyllo::testing
