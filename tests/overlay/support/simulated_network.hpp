// A network of links under simulated time: delay, jitter, loss, killed hosts, partitions. Loss delays a message as the
// retransmissions of a real link would, and reports it overdue; nothing is lost for good on a link that lives.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/link.hpp"
#include "support/simulated_clock.hpp"

namespace phyllo::testing {

using namespace std::chrono_literals;

class simulated_host;
class simulated_network;

class simulated_link final : public transport::link, public std::enable_shared_from_this<simulated_link> {
 public:
  simulated_link(simulated_network& n, unsigned here, unsigned there, identity::certificate peer)
      : network_(n), here_(here), there_(there), peer_(std::move(peer)) {}

  void observe(transport::link_observer* o) override;
  core::status send(core::byte_view message, std::uint64_t token) override;
  void close() override;
  [[nodiscard]] const identity::certificate& peer() const noexcept override { return peer_; }
  [[nodiscard]] transport::endpoint remote() const override;
  [[nodiscard]] transport::link_kind kind() const noexcept override { return transport::link_kind::dtls; }
  [[nodiscard]] bool open() const noexcept override { return open_; }
  [[nodiscard]] core::duration rtt() const noexcept override;
  [[nodiscard]] core::duration rto() const noexcept override { return std::clamp<core::duration>(2 * rtt(), 50ms, 1s); }

 private:
  friend class simulated_host;
  friend class simulated_network;
  void arrive(core::bytes message);
  void drain();
  void shut(core::error why);

  simulated_network& network_;
  unsigned here_, there_;
  identity::certificate peer_;
  std::weak_ptr<simulated_link> other_;
  transport::link_observer* observer_ = nullptr;
  std::deque<core::bytes> waiting_;
  bool open_ = true;
};

// One host's face.
class simulated_host final : public transport::link_layer {
 public:
  simulated_host(simulated_network& n, unsigned index, identity::certificate certificate)
      : own(std::move(certificate)), network_(n), index_(index) {}
  core::awaitable<core::result<std::shared_ptr<transport::link>>> connect(std::vector<transport::candidate> to,
                                                                          std::optional<identity::node_id> expected,
                                                                          core::time_point deadline) override;
  void accept(transport::link_acceptor* a) override { acceptor = a; }
  [[nodiscard]] std::vector<transport::candidate> candidates() const override;

  identity::certificate own;
  transport::link_acceptor* acceptor = nullptr;
  bool alive = true;

 private:
  simulated_network& network_;
  unsigned index_;
};

class simulated_network {
 public:
  explicit simulated_network(simulated_world& w, std::uint64_t seed = 7) : world(w), random(seed) {}

  simulated_world& world;
  std::mt19937_64 random;
  core::duration delay = 2ms;  // one way
  core::duration jitter = 1ms;
  double loss = 0;
  bool resets = true;  // a killed host's links break at once, as on loopback; else they fall silent
  std::function<void(unsigned from, unsigned to, core::bytes&)> tap;  // may change what is sent
  std::map<unsigned, unsigned> side;                                  // hosts on different sides do not reach each other; default 0

  simulated_host& add(identity::certificate own) {
    const auto index = static_cast<unsigned>(hosts.size());
    hosts.push_back(std::make_unique<simulated_host>(*this, index, std::move(own)));
    return *hosts.back();
  }
  void kill(unsigned index);
  [[nodiscard]] bool reach(unsigned a, unsigned b) { return hosts[a]->alive && hosts[b]->alive && side[a] == side[b]; }
  [[nodiscard]] core::duration one_way() {
    const auto j = static_cast<core::duration::rep>(random() % static_cast<std::uint64_t>(jitter.count() + 1));
    return delay + core::duration(j);
  }
  [[nodiscard]] static transport::endpoint address(unsigned index) { return {asio::ip::make_address_v4(0x7f1e0000 + index + 1), 6084}; }

  std::vector<std::unique_ptr<simulated_host>> hosts;
  std::vector<std::weak_ptr<simulated_link>> links;
};

inline void simulated_link::observe(transport::link_observer* o) {
  observer_ = o;
  if (o != nullptr && !waiting_.empty()) {
    network_.world.at(network_.world.now(), [self = shared_from_this()] { self->drain(); });
  }
}

inline void simulated_link::drain() {
  while (observer_ != nullptr && open_ && !waiting_.empty()) {  // ends with the queue
    const auto message = std::move(waiting_.front());
    waiting_.pop_front();
    observer_->on_message(*this, message);
  }
}

inline void simulated_link::arrive(core::bytes message) {
  if (!open_) return;
  waiting_.push_back(std::move(message));
  drain();
}

inline core::status simulated_link::send(core::byte_view message, std::uint64_t token) {
  if (!open_) return core::fail(transport::errc::closed);
  auto copy = core::to_bytes(message);
  if (network_.tap) network_.tap(here_, there_, copy);
  auto& world = network_.world;
  auto arrival = world.now() + network_.one_way();
  const bool reached = network_.reach(here_, there_);
  std::uniform_real_distribution<double> chance(0, 1);
  unsigned lost = 0;
  while (chance(network_.random) < network_.loss && lost < 6) ++lost;
  const auto late = lost * rto();
  if (token != 0 && (lost > 0 || !reached)) {
    world.at(world.now() + rto(), [self = shared_from_this(), token] {
      if (self->open_ && self->observer_ != nullptr) self->observer_->on_overdue(*self, token);
    });
  }
  if (!reached) return {};
  world.at(arrival + late, [to = other_, from = shared_from_this(), token, copy = std::move(copy)]() mutable {
    const auto l = to.lock();
    if (!l || !l->open_ || !l->network_.reach(from->here_, from->there_)) return;
    if (token != 0) {
      auto& w = l->network_.world;
      w.at(w.now() + l->network_.one_way(), [from, token] {
        if (from->open_ && from->observer_ != nullptr) from->observer_->on_acknowledged(*from, token);
      });
    }
    l->arrive(std::move(copy));
  });
  return {};
}

inline void simulated_link::shut(core::error why) {
  if (!open_) return;
  open_ = false;
  network_.world.at(network_.world.now(), [self = shared_from_this(), why] {
    if (auto* o = std::exchange(self->observer_, nullptr)) o->on_closed(*self, why);
  });
}

inline void simulated_link::close() {
  shut(core::error(transport::errc::closed, "closed here"));
  auto& world = network_.world;
  if (!network_.reach(here_, there_)) return;
  world.at(world.now() + network_.one_way(), [to = other_] {
    if (const auto l = to.lock()) l->shut(core::error(transport::errc::closed, "closed by the peer"));
  });
}

inline transport::endpoint simulated_link::remote() const { return simulated_network::address(there_); }
inline core::duration simulated_link::rtt() const noexcept { return 2 * network_.delay + network_.jitter; }

inline core::awaitable<core::result<std::shared_ptr<transport::link>>> simulated_host::connect(std::vector<transport::candidate> to,
                                                                                               std::optional<identity::node_id> expected,
                                                                                               core::time_point deadline) {
  auto& world = network_.world;
  for (const auto& c : to) {
    const auto index = static_cast<unsigned>(c.at.address.to_v4().to_uint() - 0x7f1e0001);
    if (index >= network_.hosts.size()) continue;
    const auto handshake = 4 * network_.one_way();
    co_await core::sleep_until(world.env(), std::min(deadline, world.now() + handshake));
    auto& other = *network_.hosts[index];
    if (!network_.reach(index_, index)) {
      if (network_.resets) continue;
      co_await core::sleep_until(world.env(), deadline);
      continue;
    }
    if (other.acceptor == nullptr) continue;
    if (expected && other.own.node() != *expected) co_return core::fail(transport::errc::wrong_peer);
    auto mine = std::make_shared<simulated_link>(network_, index_, index, other.own);
    auto theirs = std::make_shared<simulated_link>(network_, index, index_, own);
    mine->other_ = theirs;
    theirs->other_ = mine;
    network_.links.push_back(mine);
    network_.links.push_back(theirs);
    other.acceptor->on_link(theirs);
    co_return mine;
  }
  co_return core::fail(transport::errc::refused, "no address worked");
}

inline std::vector<transport::candidate> simulated_host::candidates() const {
  return {{transport::link_kind::dtls, simulated_network::address(index_)}};
}

// SIGKILL: nothing more is sent or taken.
inline void simulated_network::kill(unsigned index) {
  hosts[index]->alive = false;
  hosts[index]->acceptor = nullptr;
  for (const auto& weak : links) {
    const auto l = weak.lock();
    if (!l) continue;
    if (l->here_ == index) {
      l->observer_ = nullptr;
      l->open_ = false;
    } else if (l->there_ == index && resets) {
      world.at(world.now() + one_way(), [l] { l->shut(core::error(transport::errc::closed, "reset")); });
    }
  }
}

}  // namespace phyllo::testing
