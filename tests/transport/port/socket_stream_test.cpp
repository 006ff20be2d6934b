#include "transport/port/socket_stream.hpp"

#include <doctest.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>

namespace socket_stream_test {

using namespace phyllo;
using asio::ip::tcp;

namespace {

core::awaitable<void> read_all(transport::stream& s, std::size_t wanted, std::size_t& taken) {
  std::array<std::uint8_t, 2048> buffer{};
  while (taken < wanted) {  // ends when all has come
    const auto n = co_await s.read(buffer, core::time_point::max());
    REQUIRE(n.has_value());
    taken += *n;
  }
}

}  // namespace

TEST_CASE("who sends as fast as it can does not keep a stream's reader from suspending") {
  asio::io_context io;
  auto near = std::make_shared<tcp::socket>(io);
  tcp::socket far(io);
  tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  near->connect(acceptor.local_endpoint());
  acceptor.accept(far);
  near->non_blocking(true);
  near->set_option(tcp::socket::receive_buffer_size(1 << 20));
  constexpr std::size_t waiting = 200'000;
  const core::bytes flood(waiting, 'x');
  far.set_option(tcp::socket::send_buffer_size(1 << 20));
  asio::write(far, asio::buffer(flood));

  transport::socket_stream s(near);
  std::size_t taken = 0;
  std::size_t taken_at_others_turn = 0;
  asio::co_spawn(io, read_all(s, waiting, taken), asio::detached);
  asio::post(io, [&] { taken_at_others_turn = taken; });
  io.run();
  CHECK(taken == waiting);
  CHECK(taken_at_others_turn > 0);
  CHECK(taken_at_others_turn <= core::turn::bytes_max);
}

}  // namespace socket_stream_test
