// A stream over a TCP socket, plain or with a TLS engine between.
#pragma once

#include <memory>
#include <optional>

#include "phyllo/core/turn.hpp"
#include "phyllo/transport/moved_connection.hpp"
#include "phyllo/transport/stream.hpp"
#include "port/socket_tools.hpp"
#include "port/stream_places.hpp"
#include "tls/tls_engine.hpp"

namespace phyllo::transport {

class socket_stream final : public stream {
 public:
  explicit socket_stream(std::shared_ptr<tcp::socket> socket);
  // Among those that a host accepted; let go with the stream.
  void hold(std::shared_ptr<stream_places::place> place) { place_ = std::move(place); }
  // Who is at the other end, where a load balancer stands between.
  void set_remote(const endpoint& e) { remote_ = e; }
  ~socket_stream() override { socket_stream::close(); }

  // Runs the handshake of `engine` over this stream, which carries TLS from then on. The engine's errors, timed_out,
  // closed. `engine`'s context must outlive the stream.
  core::awaitable<core::status> secure_with(std::unique_ptr<tls_engine> engine, core::time_point deadline);
  // Puts bytes back that were read to find out what the peer speaks; only what was read before may come back.
  void unread(core::byte_view data);
  // Hands over socket and engine to a link; the stream is closed then. Only without unread bytes.
  struct parts {
    tcp::socket socket;
    std::unique_ptr<tls_engine> engine;
    core::bytes unsent;
    endpoint remote;
  };
  [[nodiscard]] parts release();

  // For another shard's host, with what was unread; of a plain stream. It is closed then. Nullopt: it was closed already.
  [[nodiscard]] std::optional<moved_connection> move_away();

  [[nodiscard]] const tls_engine* engine() const noexcept { return engine_.get(); }

  // Rests after each turn's worth of bytes, however fast they come.
  core::awaitable<core::result<std::size_t>> read(std::span<std::uint8_t> into, core::time_point deadline) override;
  core::awaitable<core::status> write(core::byte_view data, core::time_point deadline) override;
  void close() override;
  void use() override {
    if (place_) place_->use();
  }
  void keep(bool known) override {
    if (place_) place_->keep(known);
  }
  void hold(std::size_t bytes) override {
    held_by_user_ = bytes;
    tell_held();
  }
  core::awaitable<void> rest() override;
  [[nodiscard]] endpoint local() const override { return local_; }
  [[nodiscard]] endpoint remote() const override { return remote_; }
  [[nodiscard]] bool secure() const noexcept override { return engine_ != nullptr; }
  [[nodiscard]] std::string alpn() const override { return engine_ ? engine_->alpn() : std::string(); }
  [[nodiscard]] std::string server_name() const override { return engine_ ? engine_->server_name() : std::string(); }
  [[nodiscard]] const identity::certificate* peer() const override { return engine_ && engine_->peer() ? &*engine_->peer() : nullptr; }

 private:
  // 0: would block.
  core::result<std::size_t> receive(std::span<std::uint8_t> into);
  core::result<std::size_t> receive_plain(std::span<std::uint8_t> into);
  core::status pull();  // from the socket into the engine; nothing there is no error
  core::status flush();
  void tell_held() {
    if (place_) place_->hold(held_by_user_ + part_of_record_ + unsent_.size());
  }
  core::awaitable<core::status> flush_all(core::time_point deadline);

  std::shared_ptr<tcp::socket> socket_;
  std::shared_ptr<stream_places::place> place_;
  endpoint local_;
  endpoint remote_;
  std::unique_ptr<tls_engine> engine_;
  core::bytes unread_;
  core::bytes unsent_;
  std::size_t sent_ = 0;
  std::size_t part_of_record_ = 0;  // at most: what the engine got since it gave something
  std::size_t held_by_user_ = 0;
  bool ended_ = false;  // the peer's end was seen
  core::turn turn_;     // of the reader
};

// A connected stream, plain or secured as a web client.
core::awaitable<core::result<std::unique_ptr<socket_stream>>> open_plain(core::executor ex, asio::ip::address bind, endpoint to,
                                                                         core::time_point deadline);

}  // namespace phyllo::transport
