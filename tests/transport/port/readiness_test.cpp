#include "transport/port/readiness.hpp"

#include <doctest.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <optional>

namespace readiness_test {

using namespace phyllo;

namespace {

struct ends {
  asio::io_context io{1};
  asio::local::stream_protocol::socket here{io}, there{io};
  int told = 0;
  std::optional<transport::readiness> watch;

  ends() {
    asio::local::connect_pair(here, there);
    here.non_blocking(true);
    watch.emplace(io.get_executor(), here.native_handle(), [this] { ++told; });
  }
  void send() { CHECK(::send(there.native_handle(), "x", 1, 0) == 1); }
  void read_all() {
    char octet = 0;
    while (::recv(here.native_handle(), &octet, 1, 0) == 1) continue;  // ends when nothing is left
  }
  void turn() {
    io.poll();
    io.restart();
  }
};

}  // namespace

TEST_CASE("who waits is told once of what has come, and again of what comes later") {
  ends e;
  e.watch->wait();
  e.turn();
  CHECK(e.told == 0);
  for (int i = 1; i <= 3; ++i) {
    e.send();
    e.turn();
    CHECK(e.told == i);
    e.turn();
    CHECK(e.told == i);
    e.read_all();
    e.watch->wait();
    e.turn();
    CHECK(e.told == i);
  }
}

TEST_CASE("what came before the first wait, and between reading and waiting, is told of") {
  ends e;
  e.send();
  e.watch->wait();
  e.turn();
  CHECK(e.told == 1);
  e.read_all();
  e.send();
  e.watch->wait();
  e.turn();
  CHECK(e.told == 2);
}

TEST_CASE("who is told may end the watch, and one that has ended tells nothing") {
  ends e;
  e.watch.emplace(e.io.get_executor(), e.here.native_handle(), [&e] {
    ++e.told;
    e.watch.reset();
  });
  e.watch->wait();
  e.send();
  e.turn();
  CHECK(e.told == 1);
  e.watch.emplace(e.io.get_executor(), e.here.native_handle(), [&e] { ++e.told; });
  e.watch->wait();
  e.watch.reset();
  e.send();
  e.turn();
  CHECK(e.told == 1);
}

}  // namespace readiness_test
