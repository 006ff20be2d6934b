#include "transport/port/stream_places.hpp"

#include <doctest.h>

#include <asio/io_context.hpp>

#include "support/simulated_world.hpp"

namespace stream_places_test {

using namespace phyllo;
using transport::stream_places;

namespace {

struct house {
  asio::io_context io;
  testing::simulated_world world;
  core::metrics metrics;
  std::shared_ptr<stream_places> places = std::make_shared<stream_places>(world.env(), metrics);

  struct guest {
    std::shared_ptr<transport::tcp::socket> socket;
    std::shared_ptr<stream_places::place> place;
    [[nodiscard]] bool in() const { return place && socket->is_open(); }
  };
  guest enter(const char* from, std::size_t all = 3, std::size_t of_source = 3) {
    auto s = std::make_shared<transport::tcp::socket>(io);
    s->open(transport::tcp::v4());
    auto place = places->admit(asio::ip::make_address(from), s, {all, of_source});
    return {std::move(s), std::move(place)};
  }
  [[nodiscard]] std::uint64_t refused(const char* reason) const { return metrics.drops().at(reason); }
};

}  // namespace

TEST_CASE("the stream that was idle longest makes room, and not the one that had something to say since") {
  house h;
  const auto first = h.enter("192.0.2.1");
  const auto second = h.enter("192.0.2.2");
  const auto third = h.enter("192.0.2.3");
  first.place->use();
  const auto fourth = h.enter("192.0.2.4");
  CHECK(first.in());
  CHECK_FALSE(second.in());
  CHECK(third.in());
  CHECK(fourth.in());
  CHECK(h.places->size() == 3);
}

TEST_CASE("a known one makes room for nobody, until it is no longer known") {
  house h;
  std::vector<house::guest> known;
  for (const auto* from : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) known.push_back(h.enter(from));
  for (const auto& k : known) k.place->keep(true);
  CHECK_FALSE(h.enter("192.0.2.4").place);
  CHECK(h.refused("connection_over_limit") == 1);
  CHECK_FALSE(h.places->make_room());
  known[1].place->keep(false);
  const auto late = h.enter("192.0.2.4");
  CHECK(late.in());
  CHECK(known[0].in());
  CHECK_FALSE(known[1].in());
}

TEST_CASE("an address that holds all it may makes room for itself, and its neighbours stay") {
  house h;
  const auto neighbour = h.enter("192.0.2.9", 10, 2);
  const auto first = h.enter("192.0.2.1", 10, 2);
  const auto second = h.enter("192.0.2.1", 10, 2);
  const auto third = h.enter("192.0.2.1", 10, 2);
  CHECK(neighbour.in());
  CHECK_FALSE(first.in());
  CHECK(second.in());
  CHECK(third.in());
  second.place->keep(true);
  third.place->keep(true);
  CHECK_FALSE(h.enter("192.0.2.1", 10, 2).place);
  CHECK(h.refused("connections_of_source") == 1);
}

TEST_CASE("a place comes back with its stream, also one that had made room before") {
  house h;
  auto first = h.enter("192.0.2.1");
  auto second = h.enter("192.0.2.1");
  CHECK(h.places->make_room());
  CHECK(h.places->size() == 1);
  first.place->use();  // it does not know yet
  first.place->keep(true);
  first.place.reset();
  CHECK(h.places->size() == 1);
  second.place.reset();
  CHECK(h.places->size() == 0);
  CHECK_FALSE(h.places->has_idle());
}

TEST_CASE("when all hold more memory than they may, the one goes that holds most, also a known one") {
  house h;
  h.places->bound_held(100'000);
  const auto small = h.enter("192.0.2.1");
  const auto large = h.enter("192.0.2.2");
  const auto grows = h.enter("192.0.2.3");
  large.place->keep(true);
  small.place->hold(stream_places::held_free);
  CHECK(h.places->held() == 0);
  large.place->hold(60'000);
  grows.place->hold(30'000);
  CHECK(large.in());
  grows.place->hold(50'000);
  CHECK_FALSE(large.in());
  CHECK(grows.in());
  CHECK(h.places->held() == 50'000);
  grows.place->hold(200'000);
  CHECK_FALSE(grows.in());
  CHECK(small.in());
  CHECK(h.places->held() == 0);
  large.place->hold(1'000'000);  // it does not know yet
  CHECK(h.places->held() == 0);
}

TEST_CASE("an address whose streams have one turn after another rests between them, its neighbours and known ones do not") {
  house h;
  const auto greedy = h.enter("192.0.2.1", 4);
  const auto sibling = h.enter("192.0.2.1", 4);
  const auto neighbour = h.enter("192.0.2.2", 4);
  const auto known = h.enter("192.0.2.1", 4);
  known.place->keep(true);
  auto now = h.world.now();
  for (int i = 0; i < stream_places::turns_at_once; ++i) CHECK(greedy.place->rest(now) == core::duration::zero());
  constexpr auto a_turn = std::chrono::duration<double>(1 / stream_places::turns_per_second);
  for (const auto& of_the_address : {greedy, sibling}) {
    const auto longer = of_the_address.place->rest(now);
    CHECK(longer > a_turn * 0.99);
    CHECK(longer < a_turn * 1.01);
    CHECK(known.place->rest(now) == core::duration::zero());
    CHECK(neighbour.place->rest(now) == core::duration::zero());
    now += longer;
  }
  now += std::chrono::seconds(1);
  CHECK(greedy.place->rest(now) == core::duration::zero());
}

TEST_CASE("a stream may outlive the host that took it") {
  auto h = std::make_unique<house>();
  auto guest = h->enter("192.0.2.1");
  h->places.reset();
  guest.place->use();
  CHECK(guest.place->rest({}) == core::duration::zero());
  guest.place.reset();
}

}  // namespace stream_places_test
