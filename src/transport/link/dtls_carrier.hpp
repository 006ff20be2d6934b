// DTLS 1.2 (RFC 6347) over a datagram channel: handshake with its retransmissions, then frames, one a record.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "link/frame_carrier.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/transport/datagram_channel.hpp"
#include "port/alarm.hpp"
#include "tls/tls_engine.hpp"

namespace phyllo::transport {

class dtls_carrier final : public frame_carrier, public std::enable_shared_from_this<dtls_carrier>, private datagram_receiver {
 public:
  // Called once; it may attach an owner, or drop the carrier.
  using handshake_handler = std::function<void(dtls_carrier&, const core::status&)>;

  dtls_carrier(core::environment& env, std::unique_ptr<tls_engine> engine, std::unique_ptr<datagram_channel> channel);

  // `preamble` goes out before each flight: the proof of reachability, which may be lost like any datagram.
  void start(core::time_point deadline, core::bytes preamble, handshake_handler done);
  void feed(core::byte_view datagram) { on_datagram(datagram); }  // the one that made a server come to be

  void attach(carrier_owner* owner) override { owner_ = owner; }
  core::status send_frame(core::byte_view frame) override;
  [[nodiscard]] bool writable() const noexcept override { return true; }
  void close() override;

  [[nodiscard]] link_kind kind() const noexcept override { return link_kind::dtls; }
  [[nodiscard]] rung by() const noexcept override { return rung::dtls; }
  [[nodiscard]] std::size_t frame_bytes_max() const noexcept override;
  [[nodiscard]] const identity::certificate& peer() const noexcept override { return *engine_->peer(); }
  [[nodiscard]] link_token token() const override { return engine_->export_token(); }
  [[nodiscard]] endpoint local() const override { return local_; }
  [[nodiscard]] endpoint remote() const override { return remote_; }
  [[nodiscard]] std::string alpn() const { return engine_->alpn(); }
  [[nodiscard]] bool authenticated() const noexcept { return engine_->peer().has_value(); }
  [[nodiscard]] bool established() const noexcept { return engine_->established(); }

 private:
  void on_datagram(core::byte_view data) override;
  void on_unreachable() override;
  // A ClientHello on a settled association (RFC 6347 s.4.2.8) ends it for the owner.
  bool supersede() override;
  void on_alarm();
  void step();
  void read_all();
  void flush();
  void rearm();
  void finish(const core::status& how);
  void fail(const core::error& why);

  core::environment& env_;
  std::unique_ptr<tls_engine> engine_;
  std::unique_ptr<datagram_channel> channel_;  // null once closed
  endpoint local_;
  endpoint remote_;
  carrier_owner* owner_ = nullptr;
  handshake_handler done_;
  core::time_point deadline_ = core::time_point::max();
  core::bytes preamble_;
  std::optional<alarm> alarm_;
  bool reading_ = false;  // what is written meanwhile goes together, at the end
};

}  // namespace phyllo::transport
