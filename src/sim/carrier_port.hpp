// A UDP port of a simulated node.
#pragma once

#include "phyllo/sim/carrier.hpp"

namespace phyllo::sim {

class carrier_port final : public transport::datagram_port {
 public:
  // Both outlive it.
  carrier_port(carrier& c, const sim::host& at, const transport::endpoint& local) : carrier_(c), at_(at), local_(local) {}

  core::status send(const transport::endpoint& to, core::byte_view data) override {
    if (at_.alive()) carrier_.send(local_, to, data);
    return {};
  }
  core::status send_batch(std::span<const transport::outgoing_datagram> batch) override {
    for (const auto& d : batch) static_cast<void>(send(d.to, d.data));
    return {};
  }
  [[nodiscard]] const transport::endpoint& local() const noexcept override { return local_; }

 private:
  carrier& carrier_;
  const sim::host& at_;
  transport::endpoint local_;
};

}  // namespace phyllo::sim
