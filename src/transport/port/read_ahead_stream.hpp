// A stream of which some was read ahead: that comes first, then the rest.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "phyllo/transport/stream.hpp"

namespace phyllo::transport {

class read_ahead_stream final : public stream {
 public:
  read_ahead_stream(std::unique_ptr<stream> rest, core::bytes ahead) : rest_(std::move(rest)), ahead_(std::move(ahead)) {}

  core::awaitable<core::result<std::size_t>> read(std::span<std::uint8_t> into, core::time_point deadline) override {
    if (ahead_.empty()) co_return co_await rest_->read(into, deadline);
    const auto n = std::min(into.size(), ahead_.size());
    std::copy_n(ahead_.begin(), n, into.begin());
    ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(n));
    co_return n;
  }
  core::awaitable<core::status> write(core::byte_view data, core::time_point deadline) override { return rest_->write(data, deadline); }
  void close() override { rest_->close(); }
  void use() override { rest_->use(); }
  void keep(bool known) override { rest_->keep(known); }
  void hold(std::size_t bytes) override { rest_->hold(bytes); }
  core::awaitable<void> rest() override { return rest_->rest(); }
  [[nodiscard]] endpoint local() const override { return rest_->local(); }
  [[nodiscard]] endpoint remote() const override { return rest_->remote(); }
  [[nodiscard]] bool secure() const noexcept override { return rest_->secure(); }
  [[nodiscard]] std::string alpn() const override { return rest_->alpn(); }
  [[nodiscard]] std::string server_name() const override { return rest_->server_name(); }
  [[nodiscard]] const identity::certificate* peer() const override { return rest_->peer(); }

 private:
  std::unique_ptr<stream> rest_;
  core::bytes ahead_;
};

}  // namespace phyllo::transport
