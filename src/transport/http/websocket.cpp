#include "phyllo/transport/websocket.hpp"

#include <array>

#include "http/websocket_engine.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration pong_timeout = std::chrono::seconds(10);

class stream_websocket final : public websocket {
 public:
  stream_websocket(core::environment& env, std::unique_ptr<stream> s, websocket_options o)
      : env_(env), stream_(std::move(s)), options_(std::move(o)), engine_(options_.message_bytes_max) {}
  ~stream_websocket() override { stream_websocket::close(); }

  core::awaitable<core::result<std::string>> receive(core::time_point deadline) override;
  core::awaitable<core::status> send(core::byte_view text, core::time_point deadline) override;
  void close() override { stream_->close(); }
  void use() override { stream_->use(); }
  void keep(bool known) override { stream_->keep(known); }
  void hold(std::size_t bytes) override {
    held_by_user_ = bytes;
    tell_held();
  }
  [[nodiscard]] endpoint local() const override { return stream_->local(); }
  [[nodiscard]] endpoint remote() const override { return stream_->remote(); }
  [[nodiscard]] bool secure() const noexcept override { return stream_->secure(); }

 private:
  core::awaitable<core::status> flush(core::time_point deadline);
  void tell_held() { stream_->hold(held_by_user_ + engine_.unfinished() + unsent_.size()); }

  core::environment& env_;
  std::unique_ptr<stream> stream_;
  websocket_options options_;
  websocket_engine engine_;
  core::bytes unsent_;
  std::size_t held_by_user_ = 0;
  bool flushing_ = false;
  bool ended_ = false;
};

core::awaitable<core::result<std::string>> stream_websocket::receive(core::time_point deadline) {
  while (!engine_.has_message()) {  // ends with a message, at the deadline, or when closed
    if (ended_) co_return core::fail(errc::closed);
    std::array<std::uint8_t, 2048> buffer;  // filled by read
    const auto n = co_await stream_->read(buffer, deadline);
    if (!n) co_return core::fail(n.error());
    const auto fed = engine_.feed(core::byte_view(buffer).first(*n));
    tell_held();
    const auto answered = co_await flush(env_.now() + pong_timeout);
    if (!answered) co_return core::fail(answered.error());
    ended_ = !fed;
  }
  co_return engine_.take_message();
}

core::awaitable<core::status> stream_websocket::send(core::byte_view text, core::time_point deadline) {
  if (ended_) co_return core::fail(errc::closed);
  engine_.send(text);
  co_return co_await flush(deadline);
}

// A stream takes one write at a time, and both a reader's pong and a sender's message want one: who finds another at it leaves
// its bytes to that one, but not without end: a peer may ask with pings and read nothing.
core::awaitable<core::status> stream_websocket::flush(core::time_point deadline) {
  core::append(unsent_, engine_.take_output());
  tell_held();
  if (flushing_ && unsent_.size() > options_.unsent_bytes_max) co_return core::fail(errc::overloaded, "the peer does not read");
  if (flushing_) co_return core::status();
  flushing_ = true;
  core::status done;
  while (done && !unsent_.empty()) {  // ends when all is out, or with an error
    const auto bytes = std::exchange(unsent_, {});
    done = co_await stream_->write(bytes, deadline);
  }
  flushing_ = false;
  tell_held();
  co_return done;
}

}  // namespace

std::unique_ptr<websocket> websocket::over(core::environment& env, std::unique_ptr<stream> s, websocket_options o) {
  return std::make_unique<stream_websocket>(env, std::move(s), std::move(o));
}

}  // namespace phyllo::transport
