#include "transport/port/socket_stream.hpp"

#include <doctest.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>

#include "support/simulated_world.hpp"

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

// A stream at which more waits than a few turns take.
struct flooded {
  static constexpr std::size_t waiting = 200'000;

  flooded() {
    tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
    near->connect(acceptor.local_endpoint());
    acceptor.accept(far);
    near->non_blocking(true);
    near->set_option(tcp::socket::receive_buffer_size(1 << 20));
    far.set_option(tcp::socket::send_buffer_size(1 << 20));
    const core::bytes flood(waiting, 'x');
    asio::write(far, asio::buffer(flood));
  }
  void read() { asio::co_spawn(io, read_all(stream, waiting, taken), asio::detached); }

  asio::io_context io;
  std::shared_ptr<tcp::socket> near = std::make_shared<tcp::socket>(io);
  tcp::socket far{io};
  transport::socket_stream stream{near};
  std::size_t taken = 0;
};

}  // namespace

TEST_CASE("who sends as fast as it can does not keep a stream's reader from suspending") {
  flooded f;
  f.read();
  std::size_t taken_at_others_turn = 0;
  asio::post(f.io, [&] { taken_at_others_turn = f.taken; });
  f.io.run();
  CHECK(f.taken == flooded::waiting);
  CHECK(taken_at_others_turn > 0);
  CHECK(taken_at_others_turn <= core::turn::bytes_max);
}

TEST_CASE("a stranger that has had turn after turn rests before the next") {
  flooded f;
  testing::simulated_world world;
  core::metrics metrics;
  const auto places = std::make_shared<transport::stream_places>(world.env(), metrics);
  const auto place = places->admit(asio::ip::make_address("192.0.2.1"), f.near, {2, 2});
  while (place->rest(std::chrono::steady_clock::now()) == core::duration::zero()) continue;  // ends when it has no turn left
  f.stream.hold(place);
  const auto begun = std::chrono::steady_clock::now();
  f.read();
  f.io.run();
  CHECK(f.taken == flooded::waiting);
  constexpr std::size_t turns = flooded::waiting / core::turn::bytes_max;  // at least
  constexpr std::chrono::duration<double> a_turn(1 / transport::stream_places::turns_per_second);
  CHECK(std::chrono::steady_clock::now() - begun >= turns * a_turn);
}

}  // namespace socket_stream_test
