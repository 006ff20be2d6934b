// A carrier whose other end is the test.
#pragma once

#include <vector>

#include "small_overlay.hpp"
#include "transport/link/frame_carrier.hpp"

namespace phyllo::testing {

class memory_carrier final : public transport::frame_carrier {
 public:
  memory_carrier(std::shared_ptr<const identity::credential> peer, transport::link_kind kind) : peer_(std::move(peer)), kind_(kind) {}

  void attach(transport::carrier_owner* to) override { owner = to; }
  core::status send_frame(core::byte_view frame) override {
    if (broken) return core::fail(*broken);
    sent.push_back(core::to_bytes(frame));
    return {};
  }
  [[nodiscard]] bool writable() const noexcept override { return true; }
  void close() override { closed = true; }
  [[nodiscard]] transport::link_kind kind() const noexcept override { return kind_; }
  [[nodiscard]] transport::rung by() const noexcept override { return transport::rung::dtls; }
  [[nodiscard]] std::size_t frame_bytes_max() const noexcept override { return 1200; }
  [[nodiscard]] const identity::certificate& peer() const noexcept override { return peer_->certificate; }
  [[nodiscard]] transport::link_token token() const override { return {}; }
  [[nodiscard]] transport::endpoint local() const override { return {}; }
  [[nodiscard]] transport::endpoint remote() const override { return {}; }

  transport::carrier_owner* owner = nullptr;
  std::vector<core::bytes> sent;
  std::optional<core::error> broken;  // what sending meets
  bool closed = false;

 private:
  std::shared_ptr<const identity::credential> peer_;
  transport::link_kind kind_;
};

}  // namespace phyllo::testing
