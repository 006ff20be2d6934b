// A stream whose other end is the test: what the code under test writes is collected, what it reads is scripted.
#pragma once

#include <algorithm>

#include "phyllo/core/mailbox.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::testing {

class memory_stream final : public transport::stream {
 public:
  memory_stream(core::environment& env, std::string& written) : incoming(env, 1024), env_(env), written_(written) {}

  core::awaitable<core::result<std::size_t>> read(std::span<std::uint8_t> into, core::time_point deadline) override {
    if (pending_.empty()) {
      auto next = co_await incoming.receive(deadline);
      if (!next && next.error() == core::errc::timed_out) co_return core::fail(transport::errc::timed_out);
      if (!next) co_return core::fail(transport::errc::closed);
      pending_ = std::move(*next);
    }
    const auto n = std::min(into.size(), pending_.size());
    std::copy_n(pending_.begin(), n, into.begin());
    pending_.erase(0, n);
    co_return n;
  }
  core::awaitable<core::status> write(core::byte_view data, core::time_point deadline) override {
    if (unread) {
      co_await core::sleep_for(env_, deadline - env_.now());
      co_return core::fail(transport::errc::timed_out);
    }
    written_ += core::as_text(data);
    co_return core::status();
  }
  void close() override { incoming.close(); }
  core::awaitable<void> rest() override {
    if (rests != nullptr) ++*rests;
    return core::next_turn();
  }
  [[nodiscard]] transport::endpoint local() const override { return {}; }
  [[nodiscard]] transport::endpoint remote() const override { return {}; }
  [[nodiscard]] bool secure() const noexcept override { return true; }
  [[nodiscard]] std::string alpn() const override { return {}; }
  [[nodiscard]] std::string server_name() const override { return {}; }

  core::mailbox<std::string> incoming;
  bool unread = false;   // nobody reads what is written
  int* rests = nullptr;  // counted there

 private:
  core::environment& env_;
  std::string& written_;
  std::string pending_;
};

}  // namespace phyllo::testing
