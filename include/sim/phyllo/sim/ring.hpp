// Peers of one overlay on a simulated network, and what an oracle knows of them.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/overlay/peer.hpp"
#include "phyllo/sim/issuer.hpp"
#include "phyllo/sim/network.hpp"
#include "phyllo/sim/world.hpp"

namespace phyllo::sim {

struct ring_options {
  std::uint64_t seed = 1;
  sim::crypto crypto = sim::crypto::model;
  std::string overlay_name = "example.org";
  overlay::peer_options peer;                            // `first` is set where it belongs
  std::vector<std::string> domains;                      // authority of nodes added without any
  core::duration join_limit = std::chrono::minutes(10);  // until a join is given up
  // Join attempts that run at once while a ring grows, as a part of the active nodes: a node admits one joiner at a time.
  double joining_share = 0.03;
  std::size_t joining_max = 1000;
  // Each joins through the nearest of so many random active nodes.
  std::size_t bootstrap_choice = 1;
  bool own_trust = false;  // each node has a trust of its own, as supernodes have: where they do not all learn the same at once
  // The document that a node is started with; none: the issuer's.
  std::function<identity::parsed_configuration(unsigned index)> document;
};

// A host and the process on it. Its index is that of the host.
struct node {
  unsigned index = 0;
  sim::host* host = nullptr;
  std::shared_ptr<const identity::credential> credential;
  std::unique_ptr<identity::trust> trust;  // with own_trust; kept over restarts
  std::unique_ptr<overlay::peer> peer;     // null while it is down
  bool active = false;                     // its join has succeeded, and it is neither killed nor leaving
  core::time_point active_since{};

  [[nodiscard]] const identity::node_id& id() const { return credential->certificate.node(); }
};

class ring {
 public:
  explicit ring(ring_options o);
  ~ring();

  // A host with a new Node-ID, its peer not yet started. `user`: its certificate's, "node<index>@<overlay>" if empty.
  node& add(std::string user = {}, std::vector<std::string> domains = {});
  // Starts a peer and joins through a random active node (the first node starts the overlay); `done` hears how it went, when it is over.
  using join_handler = std::function<void(node&, const core::status&)>;
  void start(node& n, join_handler done = {});
  // Starts it as an ordinary node, which finds the overlay through a few random active nodes.
  void attach(node& n, join_handler done = {});
  void kill(node& n);   // SIGKILL; start() makes a new process with the same certificate
  void leave(node& n);  // with handover
  // Adds nodes until `count` are active; false: not within `limit`. `progress` hears of each.
  bool grow(std::size_t count, core::duration limit, const std::function<void(std::size_t active)>& progress = {});
  // Destroys all peers. Without it a ring that ends leaves them to the process's end: that takes no time.
  void stop();

  // The oracle.
  [[nodiscard]] std::size_t active() const noexcept { return active_.size(); }
  [[nodiscard]] const std::map<identity::node_id, node*>& active_nodes() const noexcept { return active_; }
  [[nodiscard]] node* find(const identity::node_id& id) const;  // active; null: none
  [[nodiscard]] node& random_active();
  [[nodiscard]] node& root(const identity::node_id& key) const;  // of the active ones; there is one
  // The `count` active nodes nearest to `key`, nearest first.
  [[nodiscard]] std::vector<node*> nearest(const identity::node_id& key, std::size_t count) const;
  [[nodiscard]] identity::node_id random_id();
  // Active nodes whose leaf sets are not what they would be if all were known; at most `limit` are looked for.
  [[nodiscard]] std::vector<node*> incomplete(std::size_t limit = 10) const;

  [[nodiscard]] sim::world& world() noexcept { return world_; }
  [[nodiscard]] sim::network& network() noexcept { return network_; }
  [[nodiscard]] sim::issuer& issuer() noexcept { return *issuer_; }
  [[nodiscard]] core::metrics& metrics() noexcept { return metrics_; }  // of all nodes together
  [[nodiscard]] const ring_options& options() const noexcept { return options_; }
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
  [[nodiscard]] node& at(std::size_t index) { return *nodes_[index]; }

 private:
  void make_peer(node& n, overlay::peer_options o);
  core::awaitable<void> join(node& n, overlay::peer* p, join_handler done);
  core::awaitable<void> attach(node& n, overlay::peer* p, join_handler done);
  [[nodiscard]] const node* gate_for(const node& n);  // an active one to join through; null: none is in reach
  core::awaitable<void> bury(std::unique_ptr<overlay::peer> p, bool leave);
  void note_active(node& n);
  void note_inactive(node& n);

  ring_options options_;
  sim::world world_;
  std::unique_ptr<sim::issuer> issuer_;
  core::metrics metrics_;
  sim::network network_;
  std::vector<std::unique_ptr<node>> nodes_;
  std::map<identity::node_id, node*> active_;
  std::vector<node*> list_;                            // the same, for drawing one
  std::map<const node*, std::size_t> place_;           // in it
  std::deque<std::unique_ptr<overlay::peer>> buried_;  // stopped, in the order of their ends
  std::size_t joining_ = 0;
};

}  // namespace phyllo::sim
