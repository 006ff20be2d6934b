// One end of a link of the simulated network, and a message on its way over it.
#pragma once

#include <deque>
#include <memory>

#include "phyllo/sim/network.hpp"

namespace phyllo::sim {

class network_link final : public transport::link, public std::enable_shared_from_this<network_link> {
 public:
  // Both ends, of `a` and of `b`.
  static std::pair<std::shared_ptr<network_link>, std::shared_ptr<network_link>> make(host& a, host& b);
  network_link(host& here, host& there);
  ~network_link() override;

  void observe(transport::link_observer* o) override;
  core::status send(core::byte_view message, std::uint64_t token) override;
  void close() override;
  [[nodiscard]] const identity::certificate& peer() const noexcept override { return peer_; }
  [[nodiscard]] transport::endpoint remote() const override { return network::address(there_); }
  [[nodiscard]] transport::link_kind kind() const noexcept override { return transport::link_kind::dtls; }
  [[nodiscard]] bool open() const noexcept override { return open_; }
  [[nodiscard]] core::duration rtt() const noexcept override;
  [[nodiscard]] core::duration rto() const noexcept override;

  void shut(core::error why);  // tells its observer
  void vanish() noexcept;      // tells nobody: its host is dead
  void reset_other();          // so that the other end hears of it in time
  void orphan() noexcept { here_ = nullptr; }

 private:
  class transmission;
  using backlog = std::deque<core::bytes>;

  [[nodiscard]] bool reached() const;  // what is sent now arrives, if it is not lost
  void arrive(core::bytes message);
  void drain();
  void leave_host() noexcept;

  host* here_;  // null: the network is gone
  unsigned there_;
  unsigned place_ = 0;  // among its host's links
  identity::certificate peer_;
  std::weak_ptr<network_link> other_;
  transport::link_observer* observer_ = nullptr;
  std::unique_ptr<backlog> waiting_;  // what came before anybody observed
  bool open_ = true;
};

}  // namespace phyllo::sim
