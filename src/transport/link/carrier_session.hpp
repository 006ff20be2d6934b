// A session that is no link (adoption.hpp): its datagrams are a carrier's frames.
#pragma once

#include <memory>
#include <optional>

#include "link/frame_carrier.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/fifo.hpp"
#include "phyllo/transport/adoption.hpp"
#include "port/alarm.hpp"

namespace phyllo::transport {

class carrier_session final : public datagram_session, private carrier_owner {
 public:
  static constexpr std::size_t early_max = 16;  // datagrams that wait for who is to hear them; further ones are lost

  // `env` must outlive it.
  carrier_session(core::environment& env, std::shared_ptr<frame_carrier> carrier);
  ~carrier_session() override;
  carrier_session(const carrier_session&) = delete;
  carrier_session& operator=(const carrier_session&) = delete;

  void observe(session_observer* o) override;
  core::status send(core::byte_view data) override;
  [[nodiscard]] std::size_t bytes_max() const noexcept override { return carrier_->frame_bytes_max(); }
  [[nodiscard]] const identity::certificate& peer() const noexcept override { return carrier_->peer(); }
  [[nodiscard]] endpoint remote() const override { return carrier_->remote(); }

 private:
  void on_frame(core::byte_view frame) override;
  void on_writable() override {}
  void on_ended(const core::error& why) override;
  void tell_next();

  core::environment& env_;
  std::shared_ptr<frame_carrier> carrier_;
  session_observer* observer_ = nullptr;
  core::fifo<core::bytes> early_;
  std::optional<core::error> ended_;  // not told yet
  alarm alarm_;                       // what waited is told on a turn of its own
};

}  // namespace phyllo::transport
