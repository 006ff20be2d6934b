#include "port/socket_stream.hpp"

#include <algorithm>
#include <array>
#include <asio/buffer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

bool would_block(const asio::error_code& ec) { return ec == asio::error::would_block || ec == asio::error::try_again; }

core::status explain(wait_result r, const char* doing) {
  if (r == wait_result::ready) return {};
  if (r == wait_result::timed_out) return core::fail(errc::timed_out, doing);
  return core::fail(errc::closed, doing);
}

}  // namespace

socket_stream::socket_stream(std::shared_ptr<tcp::socket> socket)
    : socket_(std::move(socket)), local_(local_endpoint(*socket_)), remote_(remote_endpoint(*socket_)) {}

core::awaitable<core::status> socket_stream::secure_with(std::unique_ptr<tls_engine> engine, core::time_point deadline) {
  engine_ = std::move(engine);
  engine_->feed(std::exchange(unread_, {}));
  while (true) {  // ends when established, broken, closed or late
    const auto shaken = engine_->handshake();
    const auto flushed = co_await flush_all(deadline);
    if (!shaken) co_return shaken;
    if (!flushed) co_return flushed;
    if (engine_->established()) co_return core::status();
    const auto ready = co_await wait_socket(socket_, tcp::socket::wait_read, deadline);
    if (auto sound = explain(ready, "in the TLS handshake"); !sound) co_return sound;
    if (auto pulled = pull(); !pulled) co_return pulled;
    if (ended_) co_return core::fail(errc::handshake_failed, "the peer hung up in the TLS handshake");
  }
}

core::awaitable<void> socket_stream::rest() {
  const auto now = std::chrono::steady_clock::now();
  const auto longer = place_ ? place_->rest(now) : core::duration::zero();
  if (longer == core::duration::zero()) co_return co_await core::next_turn();
  asio::steady_timer timer(co_await asio::this_coro::executor, now + longer);
  co_await timer.async_wait(asio::use_awaitable);
}

void socket_stream::unread(core::byte_view data) { unread_.insert(unread_.begin(), data.begin(), data.end()); }

socket_stream::parts socket_stream::release() {
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(std::exchange(sent_, 0)));
  return {std::move(*socket_), std::move(engine_), std::move(unsent_), remote_};
}

std::optional<moved_connection> socket_stream::move_away() {
  asio::error_code ec;
  const int fd = socket_->is_open() ? socket_->release(ec) : -1;
  if (fd < 0 || ec) return std::nullopt;
  return moved_connection(fd, std::exchange(unread_, {}), remote_, local_);
}

core::awaitable<core::result<std::size_t>> socket_stream::read(std::span<std::uint8_t> into, core::time_point deadline) {
  while (true) {  // ends with bytes, at the deadline, or when closed
    const auto n = receive(into);
    if (!n) co_return n;
    if (*n > 0 && turn_.over_after(*n)) co_await rest();
    if (*n > 0) co_return n;
    turn_.begin();
    const auto ready = co_await wait_socket(socket_, tcp::socket::wait_read, deadline);
    if (const auto sound = explain(ready, "reading"); !sound) co_return core::fail(sound.error());
  }
}

core::result<std::size_t> socket_stream::receive(std::span<std::uint8_t> into) {
  if (!socket_->is_open()) return core::fail(errc::closed);
  if (!unread_.empty()) {
    const auto n = std::min(unread_.size(), into.size());
    std::copy_n(unread_.begin(), n, into.begin());
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }
  if (!engine_) return receive_plain(into);
  auto n = engine_->read(into);
  if (n && *n == 0) {
    if (auto pulled = pull(); !pulled) return core::fail(pulled.error());
    n = engine_->read(into);
    if (n && *n == 0 && ended_) return core::fail(errc::closed, "the peer hung up");
  }
  if (n && *n > 0) part_of_record_ = 0;
  if (const auto flushed = flush(); !flushed) return core::fail(flushed.error());
  return n;
}

core::result<std::size_t> socket_stream::receive_plain(std::span<std::uint8_t> into) {
  asio::error_code ec;
  const auto n = socket_->read_some(asio::buffer(into.data(), into.size()), ec);
  if (would_block(ec)) return 0;
  if (ec) return core::fail(errc::closed, ec == asio::error::eof ? "the peer hung up" : ec.message());
  return n;
}

core::status socket_stream::pull() {
  __attribute__((uninitialized)) std::array<std::uint8_t, 16384> buffer;  // NOLINT: filled by read; zeros cost here
  asio::error_code ec;
  const auto n = socket_->read_some(asio::buffer(buffer), ec);
  if (would_block(ec)) return {};
  ended_ = ec == asio::error::eof;
  if (ec && !ended_) return core::fail(errc::closed, ec.message());
  engine_->feed(core::byte_view(buffer).first(n));
  part_of_record_ += n;
  return {};
}

core::awaitable<core::status> socket_stream::write(core::byte_view data, core::time_point deadline) {
  if (!socket_->is_open()) co_return core::fail(errc::closed);
  if (!engine_) {
    core::append(unsent_, data);
    co_return co_await flush_all(deadline);
  }
  constexpr std::size_t chunk = 64 * 1024;  // encrypted and sent by turns, so that the buffer stays small
  while (!data.empty()) {                   // each turn takes a chunk
    const auto n = std::min(chunk, data.size());
    if (auto written = engine_->write(data.first(n)); !written) co_return written;
    if (auto flushed = co_await flush_all(deadline); !flushed) co_return flushed;
    data = data.subspan(n);
  }
  co_return core::status();
}

core::status socket_stream::flush() {
  if (engine_) {
    for (const auto& bytes : engine_->take_output()) core::append(unsent_, bytes);
  }
  while (sent_ < unsent_.size()) {  // ends when all is sent, the socket is full, or with an error
    if (!socket_->is_open()) return core::fail(errc::closed);
    asio::error_code ec;
    sent_ += socket_->write_some(asio::buffer(unsent_.data() + sent_, unsent_.size() - sent_), ec);
    if (would_block(ec)) break;
    if (ec) return core::fail(errc::closed, ec.message());
  }
  if (sent_ == unsent_.size()) {
    unsent_.clear();
    sent_ = 0;
  }
  tell_held();
  return {};
}

core::awaitable<core::status> socket_stream::flush_all(core::time_point deadline) {
  while (true) {  // ends when all is sent, or with an error
    if (auto flushed = flush(); !flushed || unsent_.empty()) co_return flushed;
    if (!socket_->is_open()) co_return core::fail(errc::closed);
    const auto ready = co_await wait_socket(socket_, tcp::socket::wait_write, deadline);
    if (auto sound = explain(ready, "writing"); !sound) co_return sound;
  }
}

void socket_stream::close() {
  if (!socket_->is_open()) return;
  if (engine_) engine_->shutdown();
  static_cast<void>(flush());
  close_socket(*socket_);
}

core::awaitable<core::result<std::unique_ptr<socket_stream>>> open_plain(core::executor ex, asio::ip::address bind, endpoint to,
                                                                         core::time_point deadline) {
  auto socket = co_await connect_socket(ex, bind, to, deadline);
  if (!socket) co_return core::fail(socket.error());
  co_return std::make_unique<socket_stream>(std::move(*socket));
}

}  // namespace phyllo::transport
