// TLS over TCP once the handshake is done: frames cut out of the stream, and a bounded buffer before a slow socket.
#pragma once

#include <asio/ip/tcp.hpp>
#include <memory>

#include "link/frame.hpp"
#include "link/frame_carrier.hpp"
#include "tls/tls_engine.hpp"

namespace phyllo::transport {

class tls_carrier final : public frame_carrier, public std::enable_shared_from_this<tls_carrier> {
 public:
  static constexpr std::size_t unsent_bytes_max = 256 * 1024;

  // `socket` is connected and non-blocking, `engine` established; `unsent` still waits for the socket.
  tls_carrier(asio::ip::tcp::socket socket, std::unique_ptr<tls_engine> engine, core::bytes unsent, const endpoint& remote);
  // Of one that was dialled: the rung, and the node's own endpoint, which the socket does not know behind a proxy.
  void name_way(rung by, const endpoint& node) {
    by_ = by;
    remote_ = node;
  }

  void attach(carrier_owner* owner) override;
  core::status send_frame(core::byte_view frame) override;
  [[nodiscard]] bool writable() const noexcept override { return unsent_.size() - sent_ < unsent_bytes_max; }
  void close() override;

  [[nodiscard]] link_kind kind() const noexcept override { return link_kind::tls; }
  [[nodiscard]] rung by() const noexcept override { return by_; }
  [[nodiscard]] std::size_t frame_bytes_max() const noexcept override;
  [[nodiscard]] const identity::certificate& peer() const noexcept override { return *engine_->peer(); }
  [[nodiscard]] link_token token() const override { return engine_->export_token(); }
  [[nodiscard]] endpoint local() const override { return local_; }
  [[nodiscard]] endpoint remote() const override { return remote_; }

 private:
  void await_readable();
  void await_writable();
  void on_readable();
  bool on_bytes();
  void flush();
  void fail(const core::error& why);

  asio::ip::tcp::socket socket_;
  std::unique_ptr<tls_engine> engine_;
  endpoint local_;
  endpoint remote_;
  rung by_ = rung::tls;
  core::bytes unsent_;
  std::size_t sent_ = 0;  // of unsent_'s front
  bool waiting_ = false;  // for the socket to take more
  frame_splitter splitter_;
  carrier_owner* owner_ = nullptr;
  bool reading_ = false;
};

}  // namespace phyllo::transport
