// A stranger's UDP socket on loopback, outside all our code; and waiting for what a host does with what it sends.
#pragma once

#include <asio/ip/udp.hpp>
#include <functional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::testing {

// Of the addresses that two_hosts has.
inline transport::endpoint loopback_at(std::uint8_t net, std::uint8_t number, std::uint16_t port) {
  return {asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, number}), port};
}

struct udp_stranger {
  udp_stranger(asio::io_context& io, std::uint8_t net) : socket(io) {
    socket.open(asio::ip::udp::v4());
    socket.bind({loopback_at(net, 99, 0).address, 0});
    socket.non_blocking(true);
  }
  void send(const transport::endpoint& to, core::byte_view data) {
    socket.send_to(asio::buffer(data.data(), data.size()), {to.address, to.port});
  }
  core::bytes receive() {
    core::bytes out(2048);
    asio::error_code ec;
    asio::ip::udp::endpoint from;
    out.resize(socket.receive_from(asio::buffer(out), from, 0, ec));
    return out;
  }
  asio::ip::udp::socket socket;
};

// Five seconds at most.
inline core::awaitable<bool> until(core::environment& env, std::function<bool()> done) {
  for (int i = 0; i < 500 && !done(); ++i) co_await core::sleep_for(env, std::chrono::milliseconds(10));
  co_return done();
}

}  // namespace phyllo::testing
