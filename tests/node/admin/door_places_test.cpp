#include "admin/door_places.hpp"

#include <doctest.h>

#include <deque>

#include "phyllo/transport/errc.hpp"

namespace door_places_test {

using namespace phyllo;

namespace {

class silent_stream final : public transport::stream {
 public:
  core::awaitable<core::result<std::size_t>> read(std::span<std::uint8_t>, core::time_point) override {
    co_return core::fail(transport::errc::closed);
  }
  core::awaitable<core::status> write(core::byte_view, core::time_point) override { co_return core::status(); }
  void close() override { closed = true; }
  [[nodiscard]] transport::endpoint local() const override { return {}; }
  [[nodiscard]] transport::endpoint remote() const override { return {}; }
  [[nodiscard]] bool secure() const noexcept override { return false; }
  [[nodiscard]] std::string alpn() const override { return {}; }
  [[nodiscard]] std::string server_name() const override { return {}; }

  bool closed = false;
};

// A door of four places, of which three may be answered at once.
struct door {
  core::metrics metrics;
  core::counter& evicted = metrics.evictions("test");
  node::door_places places{{4, 3}, evicted};
  std::deque<silent_stream> streams;
  std::deque<node::door_places::place> held;

  std::size_t come() {
    places.make_room();
    streams.emplace_back();
    held.emplace_back(places, streams.back());
    return held.size() - 1;
  }
  void ask(std::size_t who) {
    REQUIRE(held[who].begin_answer());
    held[who].end_answer();
  }
  [[nodiscard]] std::vector<std::size_t> thrown_out() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (streams[i].closed) out.push_back(i);
    }
    return out;
  }
};

}  // namespace

TEST_CASE("a newcomer throws out whoever has waited longest since the last request") {
  door d;
  for (int i = 0; i < 4; ++i) d.come();
  d.ask(0);
  CHECK(d.thrown_out().empty());
  d.come();
  CHECK(d.thrown_out() == std::vector<std::size_t>{1});
  d.come();
  CHECK(d.thrown_out() == std::vector<std::size_t>{1, 2});
  CHECK(d.places.size() == 4);
  CHECK(d.evicted.value() == 2);
}

TEST_CASE("one that is being answered stays, and those leave room for a newcomer") {
  door d;
  for (int i = 0; i < 4; ++i) d.come();
  for (std::size_t i = 0; i < 3; ++i) REQUIRE(d.held[i].begin_answer());
  CHECK(!d.held[3].begin_answer());
  for (int i = 0; i < 3; ++i) d.come();
  CHECK(d.thrown_out() == std::vector<std::size_t>{3, 4, 5});
  d.held[0].end_answer();
  CHECK(d.held[6].begin_answer());
}

TEST_CASE("a connection that ends gives its place back once, also if it was thrown out before or was being answered") {
  door d;
  for (int i = 0; i < 5; ++i) d.come();
  REQUIRE(d.thrown_out() == std::vector<std::size_t>{0});
  CHECK(!d.held[0].begin_answer());
  d.held.pop_front();
  CHECK(d.places.size() == 4);
  REQUIRE(d.held.back().begin_answer());
  d.held.clear();
  CHECK(d.places.size() == 0);
  for (int i = 0; i < 3; ++i) REQUIRE(d.held[d.come()].begin_answer());
}

}  // namespace door_places_test
