// A network of links under virtual time: delays, loss, duplicates, reordering, partitions, hosts that are killed, start
// again, or have more to do than they can. A lost message is sent again as a real link does it: the link reports it
// overdue, and gives up after five transmissions that nobody has taken.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/sim/topology.hpp"
#include "phyllo/sim/world.hpp"
#include "phyllo/transport/link.hpp"

namespace phyllo::sim {

class network;
class network_link;

// One host: what its peer has for a network.
class host final : public transport::link_layer {
 public:
  host(network& n, unsigned index, identity::certificate certificate);
  ~host() override;

  core::awaitable<core::result<std::shared_ptr<transport::link>>> connect(std::vector<transport::candidate> to,
                                                                          std::optional<identity::node_id> expected,
                                                                          core::time_point deadline) override;
  void accept(transport::link_acceptor* a) override { acceptor_ = a; }
  [[nodiscard]] std::vector<transport::candidate> candidates() const override;

  [[nodiscard]] unsigned index() const noexcept { return index_; }
  [[nodiscard]] bool alive() const noexcept { return alive_; }
  // Time as this host has it; its wall clock may be wrong.
  [[nodiscard]] sim::environment& env() noexcept { return env_; }

  double capacity = 0;                             // messages it takes in a second; 0: without end
  core::duration queue = std::chrono::seconds(1);  // how far it may be behind before it drops what comes

  // Counted since the start: messages that came to it, those sent again and its own to others alike, and bytes of them.
  std::uint64_t received = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent = 0;     // that its links were given
  std::uint64_t refused = 0;  // that came while its queue was full
  // How long a message that comes now waits.
  [[nodiscard]] core::duration backlog(core::time_point now) const { return std::max(busy_until_ - now, core::duration::zero()); }

 private:
  friend class network;
  friend class network_link;
  // When a message that has come is taken; nothing: there is no room.
  [[nodiscard]] std::optional<core::time_point> take(core::time_point now);

  network& network_;
  unsigned index_;
  bool alive_ = true;
  sim::environment env_;
  identity::certificate certificate_;
  transport::link_acceptor* acceptor_ = nullptr;
  std::vector<network_link*> links_;  // its ends
  core::time_point busy_until_{};
};

class network {
 public:
  explicit network(sim::world& w) : world_(w) {}
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  // The address of a host is its index; `own` is what it shows to others.
  host& add(identity::certificate own);
  [[nodiscard]] host& at(unsigned index) { return *hosts_[index]; }
  [[nodiscard]] unsigned size() const noexcept { return static_cast<unsigned>(hosts_.size()); }
  [[nodiscard]] static transport::endpoint address(unsigned index) { return {asio::ip::make_address_v4(0x0a000000 + index + 1), 6084}; }
  [[nodiscard]] static transport::candidate candidate(unsigned index) { return {transport::link_kind::dtls, address(index)}; }

  // SIGKILL: nothing more is sent or taken. Whoever waits for something of this host's own is to be stopped apart.
  void kill(unsigned index);
  // A new process at the old address.
  void restart(unsigned index, identity::certificate own);

  [[nodiscard]] bool reach(unsigned a, unsigned b) const;
  // Without jitter.
  [[nodiscard]] core::duration distance(unsigned a, unsigned b) const { return topology ? topology->one_way(a, b) : delay; }
  [[nodiscard]] core::duration one_way(unsigned a, unsigned b);
  [[nodiscard]] sim::world& world() noexcept { return world_; }

  // How things are; may change at any time.
  std::unique_ptr<sim::topology> topology;  // none: `delay` between any two
  core::duration delay = std::chrono::milliseconds(2);
  core::duration jitter = std::chrono::milliseconds(1);  // up to this more, evenly
  double loss = 0;                                       // of each transmission and each ACK
  double duplicates = 0;                                 // heard twice
  double reordered = 0;                                  // late by `reordering`
  core::duration reordering = std::chrono::milliseconds(50);
  bool resets = true;  // a killed host's links break at once, as on loopback; else they fall silent
  std::function<void(unsigned from, unsigned to, core::bytes&)> tap;  // may change what is sent
  std::set<std::pair<unsigned, unsigned>> cut;                        // pairs that do not reach each other, in either order
  std::map<unsigned, unsigned> side;                                  // hosts on different sides do not reach each other; default 0

  std::uint64_t messages = 0;  // that links were given

 private:
  friend class host;
  friend class network_link;
  [[nodiscard]] unsigned side_of(unsigned index) const;

  sim::world& world_;
  std::vector<std::unique_ptr<host>> hosts_;
};

}  // namespace phyllo::sim
