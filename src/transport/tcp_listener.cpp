#include "phyllo/transport/listener.hpp"

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "bind_error.hpp"
#include "socket_stream.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration exhausted_pause = std::chrono::milliseconds(100);  // until others have closed something

class plain_listener final : public tcp_listener {
 public:
  explicit plain_listener(core::environment& env) : env_(env), acceptor_(env.get_executor()) {}
  core::status open_at(const endpoint& at);
  core::awaitable<core::result<std::unique_ptr<stream>>> accept() override;

  void close() override {
    asio::error_code ignored;
    acceptor_.close(ignored);
  }
  [[nodiscard]] endpoint local() const override { return local_; }

 private:
  core::environment& env_;
  tcp::acceptor acceptor_;
  endpoint local_;
};

core::status plain_listener::open_at(const endpoint& at) {
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

core::awaitable<core::result<std::unique_ptr<stream>>> plain_listener::accept() {
  const auto s = std::make_shared<tcp::socket>(env_.get_executor());
  while (acceptor_.is_open()) {  // ends with a connection or close()
    asio::error_code ec;
    co_await acceptor_.async_accept(*s, asio::redirect_error(asio::use_awaitable, ec));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) throw std::system_error(asio::error::operation_aborted);
    if (!ec) s->non_blocking(true, ec);
    if (!ec) co_return std::make_unique<socket_stream>(s);
    if (ec == asio::error::no_descriptors && acceptor_.is_open()) co_await core::sleep_for(env_, exhausted_pause);
  }
  co_return core::fail(errc::closed, "the listener at " + local_.text());
}

}  // namespace

core::result<std::unique_ptr<tcp_listener>> tcp_listener::open(core::environment& env, endpoint at) {
  auto out = std::make_unique<plain_listener>(env);
  if (auto opened = out->open_at(at); !opened) return core::fail(opened.error());
  return out;
}

}  // namespace phyllo::transport
