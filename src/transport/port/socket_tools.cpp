#include "port/socket_tools.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <asio/redirect_error.hpp>
#include <asio/socket_base.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "phyllo/core/timers.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

core::awaitable<void> throw_if_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) throw std::system_error(asio::error::operation_aborted);
}

// Cancels the socket's waits at the deadline, for as long as it lives.
template <class Socket>
class socket_deadline final : public core::timers::entry {
 public:
  socket_deadline(Socket& s, core::time_point deadline) : timers_(core::timers::of(s.get_executor())), socket_(s) {
    if (deadline != core::time_point::max()) timers_.set(*this, deadline);
  }
  ~socket_deadline() { timers_.cancel(*this); }
  socket_deadline(const socket_deadline&) = delete;
  socket_deadline& operator=(const socket_deadline&) = delete;

  void ring() override {
    asio::error_code ignored;
    socket_.cancel(ignored);
  }
  void drop() noexcept override {}

 private:
  core::timers& timers_;
  Socket& socket_;
};

core::status prepare(tcp::socket& s, const asio::ip::address& bind, const endpoint& to) {
  asio::error_code ec;
  s.open(to.address.is_v6() ? tcp::v6() : tcp::v4(), ec);
  if (!ec) s.non_blocking(true, ec);
  if (!ec) s.set_option(tcp::no_delay(true), ec);
  if (!ec) limit_segments(s.native_handle());
  if (!ec && !bind.is_unspecified() && bind.is_v6() == to.address.is_v6()) {
    // The port is chosen at connect(2), by the whole 4-tuple: 28,000 ports a destination, not in all.
    const int on = 1;
    ::setsockopt(s.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    s.bind(tcp::endpoint(bind, 0), ec);
  }
  if (ec) return core::fail(errc::refused, ec.message());
  return {};
}

template <class Socket>
core::awaitable<wait_result> wait_any(std::shared_ptr<Socket> s, asio::socket_base::wait_type what, core::time_point deadline) {
  const socket_deadline late(*s, deadline);
  while (s->is_open()) {  // ends when ready, closed or late; another's deadline cancels our wait too, and we go on
    if (std::chrono::steady_clock::now() >= deadline) co_return wait_result::timed_out;
    asio::error_code ec;
    co_await s->async_wait(what, asio::redirect_error(asio::use_awaitable, ec));
    co_await throw_if_cancelled();
    if (!ec) co_return wait_result::ready;
    if (ec != asio::error::operation_aborted) break;
  }
  co_return wait_result::closed;
}

}  // namespace

void limit_segments(int fd) noexcept {
  constexpr int segment_bytes_max = 1220;
  ::setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes_max, sizeof segment_bytes_max);
}

endpoint local_endpoint(const tcp::socket& s) {
  asio::error_code ec;
  const auto e = s.local_endpoint(ec);
  return {e.address(), e.port()};
}

endpoint remote_endpoint(const tcp::socket& s) {
  asio::error_code ec;
  const auto e = s.remote_endpoint(ec);
  return {e.address(), e.port()};
}

void close_socket(tcp::socket& s) noexcept {
  asio::error_code ignored;
  s.shutdown(tcp::socket::shutdown_send, ignored);
  s.close(ignored);
}

core::awaitable<wait_result> wait_socket(std::shared_ptr<tcp::socket> s, tcp::socket::wait_type what, core::time_point deadline) {
  return wait_any(std::move(s), what, deadline);
}

core::awaitable<wait_result> wait_socket(std::shared_ptr<local_socket> s, local_socket::wait_type what, core::time_point deadline) {
  return wait_any(std::move(s), what, deadline);
}

core::awaitable<core::result<std::shared_ptr<tcp::socket>>> connect_socket(core::executor ex, asio::ip::address bind, endpoint to,
                                                                           core::time_point deadline) {
  const auto s = std::make_shared<tcp::socket>(ex);
  if (const auto ready = prepare(*s, bind, to); !ready) co_return core::fail(ready.error().at(to.text()));
  const socket_deadline late(*s, deadline);
  asio::error_code ec;
  const tcp::endpoint target(to.address, to.port);
  co_await s->async_connect(target, asio::redirect_error(asio::use_awaitable, ec));
  co_await throw_if_cancelled();
  if (ec == asio::error::operation_aborted || ec == asio::error::timed_out)
    co_return core::fail(errc::timed_out, "connecting to " + to.text());
  if (ec) co_return core::fail(errc::refused, to.text() + ": " + ec.message());
  co_return s;
}

}  // namespace phyllo::transport
