#include "port/port_listener.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/ip/v6_only.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "port/bind_error.hpp"
#include "port/port_sharing.hpp"

namespace phyllo::transport {
namespace {

constexpr int backlog = 4096;  // the kernel grants net.core.somaxconn at most
// At most 2,000 a second: a flood of connections waits in the kernel, which throws the rest away more cheaply than we could, and
// takes a bounded share of our time.
constexpr int accepts_at_once = 8;
constexpr core::duration accepts_pause = std::chrono::milliseconds(4);
constexpr core::duration exhausted_pause = std::chrono::milliseconds(100);  // until others have closed something

}  // namespace

core::result<std::unique_ptr<port_listener>> port_listener::open(core::environment& env, core::metrics& m, const endpoint& at,
                                                                 handler accepted, bool shared) {
  auto out = std::make_unique<port_listener>(env, m, std::move(accepted));
  auto& a = out->acceptor_;
  asio::error_code ec;
  const tcp::endpoint where(at.address, at.port);
  a.open(where.protocol(), ec);
  if (!ec && at.address.is_v6()) a.set_option(asio::ip::v6_only(true), ec);  // IPv4 has sockets of its own
  // On Linux it lets a restart pass connections in TIME_WAIT, never a second listener.
  if (!ec) a.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec && shared) share_port(a.native_handle());
  if (!ec) a.non_blocking(true, ec);
  if (!ec) a.bind(where, ec);
  if (!ec) limit_segments(a.native_handle());
  if (!ec) a.listen(backlog, ec);
  if (ec) return core::fail(explain_bind("TCP", at, ec));
  return out;
}

core::status port_listener::steer(const steering& by) {
  asio::error_code ec;
  const auto local = acceptor_.local_endpoint(ec);
  return steer_port(acceptor_.native_handle(), local.protocol() == tcp::v6(), port_use::streams, by);
}

core::awaitable<void> port_listener::run() {
  while (acceptor_.is_open()) {  // ends with close()
    asio::error_code ec;
    co_await acceptor_.async_wait(tcp::acceptor::wait_read, asio::redirect_error(asio::use_awaitable, ec));
    if (ec || !acceptor_.is_open()) continue;
    bool exhausted = false;
    for (int i = 0; i < accepts_at_once && !exhausted; ++i) exhausted = !accept_one();
    if (!exhausted && acceptor_.is_open()) co_await core::sleep_for(env_, accepts_pause);
    if (exhausted && errno != EAGAIN && acceptor_.is_open()) co_await core::sleep_for(env_, exhausted_pause);
  }
}

// The kernel gives the lowest number that is free: a high one says how few are left.
bool port_listener::spends_reserve(int fd) const {
  if (kept_ == 0) return false;
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && static_cast<rlim_t>(fd) + static_cast<rlim_t>(kept_) >= limit.rlim_cur;
}

// False with errno: nobody waits (EAGAIN), or no descriptor is left.
bool port_listener::accept_one() {
  if (!acceptor_.is_open()) {
    errno = EAGAIN;
    return false;
  }
  const int fd = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0 && (errno == ECONNABORTED || errno == EINTR)) return true;
  if (fd < 0) {
    const int why = errno;
    if (why != EAGAIN) metrics_.drop("accept_exhausted");
    const bool room = why != EAGAIN && make_room_();
    errno = why;
    return room;
  }
  if (spends_reserve(fd) && !make_room_()) {
    ::close(fd);
    metrics_.drop("descriptors_kept");
    return true;
  }
  asio::error_code ec;
  const auto local = acceptor_.local_endpoint(ec);
  auto socket = std::make_shared<tcp::socket>(acceptor_.get_executor());
  socket->assign(local.protocol(), fd, ec);
  socket->non_blocking(true, ec);
  socket->set_option(tcp::no_delay(true), ec);
  accepted_(std::move(socket));
  return true;
}

void port_listener::close() {
  asio::error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace phyllo::transport
