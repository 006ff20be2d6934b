#include "transport/port/alarm.hpp"

#include <doctest.h>

#include <asio/io_context.hpp>

namespace alarm_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::time_point soon(core::duration span) { return std::chrono::steady_clock::now() + span; }

}  // namespace

TEST_CASE("an alarm rings once for each time that it is set to, and not before it") {
  asio::io_context io;
  int rung = 0;
  const auto due = soon(5ms);
  transport::alarm a(io.get_executor(), [&] {
    ++rung;
    CHECK(std::chrono::steady_clock::now() >= due);
  });
  a.at(due);
  io.run();
  CHECK(rung == 1);
  io.restart();
  a.at(soon(1ms));
  io.run();
  CHECK(rung == 2);
}

TEST_CASE("an alarm that is moved rings at its last time only") {
  asio::io_context io;
  std::vector<core::time_point> rung;
  transport::alarm a(io.get_executor(), [&] { rung.push_back(std::chrono::steady_clock::now()); });
  a.at(soon(1ms));
  const auto later = soon(20ms);
  a.at(later);
  io.run();
  REQUIRE(rung.size() == 1);
  CHECK(rung[0] >= later);
  io.restart();
  a.at(soon(1h));
  const auto sooner = soon(1ms);
  a.at(sooner);
  io.run();
  CHECK(rung.size() == 2);
}

TEST_CASE("an alarm that is set to never, or is gone, does not ring") {
  asio::io_context io;
  int rung = 0;
  {
    transport::alarm a(io.get_executor(), [&] { ++rung; });
    a.at(soon(1ms));
    a.at(core::time_point::max());
    io.run();
    io.restart();
    a.at(soon(1ms));
  }
  io.run();
  CHECK(rung == 0);
}

TEST_CASE("ringing may destroy the alarm") {
  asio::io_context io;
  std::unique_ptr<transport::alarm> a;
  a = std::make_unique<transport::alarm>(io.get_executor(), [&] { a.reset(); });
  a->at(soon(1ms));
  io.run();
  CHECK(a == nullptr);
}

}  // namespace alarm_test
