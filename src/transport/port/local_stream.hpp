// A stream over a Unix socket.
#pragma once

#include <memory>

#include "phyllo/core/turn.hpp"
#include "phyllo/transport/stream.hpp"
#include "port/socket_tools.hpp"

namespace phyllo::transport {

class local_stream final : public stream {
 public:
  explicit local_stream(std::shared_ptr<local_socket> socket) : socket_(std::move(socket)) {}  // connected and non-blocking
  ~local_stream() override { local_stream::close(); }

  // Lets others run after each turn's worth of bytes, however fast they come.
  core::awaitable<core::result<std::size_t>> read(std::span<std::uint8_t> into, core::time_point deadline) override;
  core::awaitable<core::status> write(core::byte_view data, core::time_point deadline) override;
  void close() override;
  [[nodiscard]] endpoint local() const override { return {}; }
  [[nodiscard]] endpoint remote() const override { return {}; }
  [[nodiscard]] bool secure() const noexcept override { return false; }
  [[nodiscard]] std::string alpn() const override { return {}; }
  [[nodiscard]] std::string server_name() const override { return {}; }

 private:
  std::shared_ptr<local_socket> socket_;
  core::turn turn_;  // of the reader
};

}  // namespace phyllo::transport
