#include "port/local_stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/buffer.hpp>
#include <cerrno>
#include <system_error>

#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/local_socket.hpp"
#include "port/local_path.hpp"

namespace phyllo::transport {
namespace {

// A listener whose queue is full is asked again (connect(2): EAGAIN).
constexpr core::duration full_pause = std::chrono::milliseconds(20);

bool would_block(const asio::error_code& ec) { return ec == asio::error::would_block || ec == asio::error::try_again; }

core::status explain(wait_result r, const char* doing) {
  if (r == wait_result::ready) return {};
  return core::fail(r == wait_result::timed_out ? errc::timed_out : errc::closed, doing);
}

core::error explain_connect(const std::string& path, int why) {
  const auto text = path + ": " + std::generic_category().message(why);
  if (why == ENOENT || why == ECONNREFUSED) return core::error(errc::refused, text);
  return core::error(why == EACCES || why == EPERM ? errc::not_permitted : errc::closed, text);
}

}  // namespace

core::awaitable<core::result<std::size_t>> local_stream::read(std::span<std::uint8_t> into, core::time_point deadline) {
  while (socket_->is_open()) {  // ends with bytes, at the deadline, or when closed
    asio::error_code ec;
    const auto n = socket_->read_some(asio::buffer(into.data(), into.size()), ec);
    if (!ec && turn_.over_after(n)) co_await core::next_turn();
    if (!ec) co_return n;
    turn_.begin();
    if (!would_block(ec)) co_return core::fail(errc::closed, ec == asio::error::eof ? "the peer hung up" : ec.message());
    const auto ready = co_await wait_socket(socket_, local_socket::wait_read, deadline);
    if (const auto sound = explain(ready, "reading"); !sound) co_return core::fail(sound.error());
  }
  co_return core::fail(errc::closed);
}

core::awaitable<core::status> local_stream::write(core::byte_view data, core::time_point deadline) {
  while (!data.empty()) {  // ends when all is sent, at the deadline, or when closed
    if (!socket_->is_open()) co_return core::fail(errc::closed);
    asio::error_code ec;
    data = data.subspan(socket_->write_some(asio::buffer(data.data(), data.size()), ec));
    if (!ec) continue;
    if (!would_block(ec)) co_return core::fail(errc::closed, ec.message());
    const auto ready = co_await wait_socket(socket_, local_socket::wait_write, deadline);
    if (const auto sound = explain(ready, "writing"); !sound) co_return core::fail(sound.error());
  }
  co_return core::status();
}

void local_stream::close() {
  asio::error_code ignored;
  if (socket_->is_open()) socket_->shutdown(local_socket::shutdown_send, ignored);
  socket_->close(ignored);
}

core::awaitable<core::result<std::unique_ptr<stream>>> open_local_stream(core::environment& env, std::string path,
                                                                         core::time_point deadline) {
  const auto socket = std::make_shared<local_socket>(env.get_executor());
  asio::error_code ec;
  socket->open(asio::local::stream_protocol(), ec);
  if (!ec) socket->non_blocking(true, ec);
  if (ec) co_return core::fail(errc::closed, ec.message());
  const local_path to(path);
  while (!to.connect(socket->native_handle())) {  // ends with a connection, with an error, or at the deadline
    if (errno != EAGAIN) co_return core::fail(explain_connect(path, errno));
    if (env.now() >= deadline) co_return core::fail(errc::timed_out, "connecting to " + path);
    co_await core::sleep_for(env, full_pause);
  }
  co_return std::make_unique<local_stream>(socket);
}

}  // namespace phyllo::transport
