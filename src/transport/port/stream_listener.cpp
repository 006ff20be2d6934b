#include "phyllo/transport/listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "phyllo/transport/local_socket.hpp"
#include "port/bind_error.hpp"
#include "port/local_path.hpp"
#include "port/local_stream.hpp"
#include "port/socket_stream.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration exhausted_pause = std::chrono::milliseconds(100);  // until others have closed something

template <class Protocol, class Stream>
class listener_of : public stream_listener {
 public:
  explicit listener_of(core::environment& env) : env_(env), acceptor_(env.get_executor()) {}

  core::awaitable<core::result<std::unique_ptr<stream>>> accept() override {
    const auto s = std::make_shared<typename Protocol::socket>(env_.get_executor());
    while (acceptor_.is_open()) {  // ends with a connection or close()
      asio::error_code ec;
      co_await acceptor_.async_accept(*s, asio::redirect_error(asio::use_awaitable, ec));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) throw std::system_error(asio::error::operation_aborted);
      if (!ec) s->non_blocking(true, ec);
      if (!ec) co_return std::make_unique<Stream>(s);
      if (ec == asio::error::no_descriptors && acceptor_.is_open()) co_await core::sleep_for(env_, exhausted_pause);
    }
    co_return core::fail(errc::closed, "the listener");
  }

  void close() override {
    asio::error_code ignored;
    acceptor_.close(ignored);
  }

 protected:
  core::environment& env_;
  typename Protocol::acceptor acceptor_;
};

class network_listener final : public listener_of<tcp, socket_stream> {
 public:
  using listener_of::listener_of;
  core::status open_at(const endpoint& at);
  [[nodiscard]] endpoint local() const override { return local_; }

 private:
  endpoint local_;
};

core::status network_listener::open_at(const endpoint& at) {
  asio::error_code ec;
  const tcp::endpoint where(at.address, at.port);
  acceptor_.open(where.protocol(), ec);
  if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor_.bind(where, ec);
  if (!ec) acceptor_.listen(tcp::acceptor::max_listen_connections, ec);
  if (ec) return core::fail(explain_bind("TCP", at, ec));
  const auto bound = acceptor_.local_endpoint(ec);
  local_ = {bound.address(), bound.port()};
  return {};
}

core::error explain_local(const std::string& path, int why) {
  const auto text = path + ": " + std::generic_category().message(why);
  return core::error(why == EACCES || why == EPERM ? errc::not_permitted : errc::refused, text);
}

class local_listener final : public listener_of<asio::local::stream_protocol, local_stream> {
 public:
  using listener_of::listener_of;
  ~local_listener() override { local_listener::close(); }
  core::status open_at(local_address at);
  void close() override;
  [[nodiscard]] endpoint local() const override { return {}; }

 private:
  [[nodiscard]] core::status bind(const local_address& at);

  std::string path_;  // empty: no file of ours
  struct stat file_{};
};

// The file that is in the way is removed if it is a socket at which nobody listens any more.
core::status clear_way(const std::string& path) {
  struct stat file{};
  if (::lstat(path.c_str(), &file) != 0) return core::fail(explain_local(path, errno));
  if (!S_ISSOCK(file.st_mode)) return core::fail(errc::refused, path + ": is no socket; remove it");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return core::fail(explain_local(path, errno));
  const bool answered = local_path(path).connect(probe) || errno == EAGAIN;
  const int why = errno;
  ::close(probe);
  if (answered) return core::fail(errc::address_in_use, path + ": another process listens there");
  if (why != ECONNREFUSED || ::unlink(path.c_str()) != 0) return core::fail(explain_local(path, why));
  return {};
}

core::status local_listener::bind(const local_address& at) {
  const auto fd = acceptor_.native_handle();
  // Linux gives the file the mode of the descriptor: no moment in which others could connect.
  if (::fchmod(fd, 0600) != 0) return core::fail(explain_local(at.path, errno));
  const local_path where(at.path);
  if (where.bind(fd)) return {};
  if (errno != EADDRINUSE) return core::fail(explain_local(at.path, errno));
  if (auto cleared = clear_way(at.path); !cleared) return cleared;
  return where.bind(fd) ? core::status() : core::fail(explain_local(at.path, errno));
}

core::status local_listener::open_at(local_address at) {
  asio::error_code ec;
  acceptor_.open(asio::local::stream_protocol(), ec);
  if (ec) return core::fail(errc::refused, at.path + ": " + ec.message());
  if (auto bound = bind(at); !bound) return bound;
  path_ = std::move(at.path);
  if (::lstat(path_.c_str(), &file_) != 0) return core::fail(explain_local(path_, errno));
  const auto* path = path_.c_str();
  if (at.group && (::lchown(path, static_cast<uid_t>(-1), *at.group) != 0 || ::chmod(path, 0660) != 0))
    return core::fail(explain_local(path_, errno));
  acceptor_.listen(asio::local::stream_protocol::acceptor::max_listen_connections, ec);
  return ec ? core::fail(errc::refused, path_ + ": " + ec.message()) : core::status();
}

// Another process may have put its own in our place.
void local_listener::close() {
  listener_of::close();
  const auto path = std::exchange(path_, {});
  struct stat now{};
  if (!path.empty() && ::lstat(path.c_str(), &now) == 0 && now.st_ino == file_.st_ino && now.st_dev == file_.st_dev) ::unlink(path.c_str());
}

}  // namespace

core::result<std::unique_ptr<stream_listener>> listen_tcp(core::environment& env, endpoint at) {
  auto out = std::make_unique<network_listener>(env);
  if (auto opened = out->open_at(at); !opened) return core::fail(opened.error());
  return out;
}

core::result<std::unique_ptr<stream_listener>> listen_local(core::environment& env, local_address at) {
  auto out = std::make_unique<local_listener>(env);
  if (auto opened = out->open_at(std::move(at)); !opened) return core::fail(opened.error());
  return out;
}

}  // namespace phyllo::transport
