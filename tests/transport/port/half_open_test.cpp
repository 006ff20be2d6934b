#include "transport/port/half_open.hpp"

#include <doctest.h>

#include <asio/io_context.hpp>

namespace half_open_test {

using namespace phyllo;

TEST_CASE("the oldest half-open connection makes room for a new one") {
  asio::io_context io;
  core::metrics metrics;
  transport::half_open waiting(metrics);
  const auto open = [&io] {
    auto s = std::make_shared<transport::tcp::socket>(io);
    s->open(transport::tcp::v4());
    return s;
  };
  const auto oldest = open();
  const auto middle = open();
  const auto newest = open();
  transport::half_open::place one(waiting, oldest, 2);
  {
    transport::half_open::place two(waiting, middle, 2);
    transport::half_open::place three(waiting, newest, 2);
    CHECK_FALSE(oldest->is_open());
    CHECK(middle->is_open());
    CHECK(waiting.size() == 2);
  }
  CHECK(waiting.size() == 0);
  CHECK(metrics.drops().at("half_open_evicted") == 1);
}

TEST_CASE("a place that is given up leaves its socket open, and the count is right") {
  asio::io_context io;
  core::metrics metrics;
  transport::half_open waiting(metrics);
  const auto s = std::make_shared<transport::tcp::socket>(io);
  s->open(transport::tcp::v4());
  {
    transport::half_open::place held(waiting, s, 1);
    CHECK(waiting.size() == 1);
  }
  CHECK(waiting.size() == 0);
  CHECK(s->is_open());
  CHECK(metrics.drops().at("half_open_evicted") == 0);
}

TEST_CASE("where the limit has become smaller as many go as are too many") {
  asio::io_context io;
  core::metrics metrics;
  transport::half_open waiting(metrics);
  std::vector<std::unique_ptr<transport::half_open::place>> places;
  for (int i = 0; i < 5; ++i)
    places.push_back(std::make_unique<transport::half_open::place>(waiting, std::make_shared<transport::tcp::socket>(io), 5));
  places.push_back(std::make_unique<transport::half_open::place>(waiting, std::make_shared<transport::tcp::socket>(io), 2));
  CHECK(waiting.size() == 2);
  CHECK(metrics.drops().at("half_open_evicted") == 4);
  places.clear();
  CHECK(waiting.size() == 0);
}

}  // namespace half_open_test
