#include "reload/places.hpp"

#include <doctest.h>

#include "reload/ip_address_port.hpp"

namespace places_test {

namespace {

using namespace phyllo;
using namespace phyllo::overlay;
using transport::link_kind;

transport::candidate at(const char* address, std::uint16_t port, link_kind kind = link_kind::dtls) {
  return {kind, {asio::ip::make_address(address), port}};
}

places read_back(const core::bytes& wire) {
  core::wire_reader r(wire);
  auto out = read_places(r);
  CHECK(r.done());
  return out;
}

core::bytes written(const places& p, std::size_t max) {
  core::bytes out;
  core::wire_writer w(out);
  write_places(w, p, max);
  return out;
}

}  // namespace

TEST_CASE("places keep their order and family, and no more than their number is said") {
  const places three{at("192.0.2.1", 6084), at("2001:db8::1", 443, link_kind::tls), at("192.0.2.1", 7000)};
  CHECK(read_back(written(three, own_places_max)) == three);
  CHECK(read_back(written(three, 2)) == places{three[0], three[1]});
}

TEST_CASE("places that nobody can dial are passed over: foreign link types, port 0, unspecified and multicast addresses") {
  const places bad{at("192.0.2.1", 0), at("0.0.0.0", 1), at("224.0.0.251", 5353), at("ff02::fb", 5353), at("192.0.2.1", 1, link_kind{1})};
  CHECK(read_back(written(bad, own_places_max)).empty());
}

TEST_CASE("a place whose address is of a type that is not known yet is passed over by its length") {
  const places known{at("192.0.2.1", 6084)};
  core::bytes wire;
  core::wire_writer w(wire);
  const auto m = w.open(1);
  w.raw(core::bytes{3, 9, 3, 'n', 'e', 'w'});
  w.raw(core::bytes{4, 9, 0});
  w.u8(3);
  write_address_port(w, known.front().at);
  w.close(m);
  CHECK(read_back(wire) == known);
}

TEST_CASE("of one node four places count, at two addresses") {
  places many;
  for (std::uint16_t port = 1; port <= 8; ++port) many.push_back(at("192.0.2.1", port));
  CHECK(select_places(many) == places(many.begin(), many.begin() + 4));
  CHECK(read_back(written(many, 8)) == places(many.begin(), many.begin() + 4));
  const places victims{at("192.0.2.1", 1), at("192.0.2.2", 1), at("192.0.2.3", 1), at("192.0.2.1", 1), at("192.0.2.1", 2)};
  CHECK(select_places(victims) == places{victims[0], victims[1], victims[4]});
}

TEST_CASE("a list of places that ends within one is malformed") {
  auto wire = written({at("192.0.2.1", 6084)}, 1);
  wire.pop_back();
  --wire.front();
  core::wire_reader r(wire);
  CHECK(read_places(r).empty());
  CHECK_FALSE(r.ok());
}

TEST_CASE("a list names places for each of its nodes, or for none") {
  place_list said;
  said.add({at("192.0.2.1", 6084)});
  said.add({});
  said.add({at("192.0.2.3", 1), at("2001:db8::3", 2), at("192.0.2.3", 3)});
  core::bytes wire;
  core::wire_writer w(wire);
  said.write(w);
  core::wire_reader r(wire);
  const auto back = place_list::read(r, 3);
  CHECK(r.done());
  CHECK(back.of(0) == places{at("192.0.2.1", 6084)});
  CHECK(back.of(1).empty());
  CHECK(back.of(2) == places{at("192.0.2.3", 1), at("2001:db8::3", 2)});
  CHECK(back.of(3).empty());
  for (const std::size_t other : {0U, 1U, 2U, 4U}) {
    core::wire_reader again(wire);
    CHECK(place_list::read(again, other).of(0).empty());
    CHECK_FALSE(again.ok());
  }
  const core::bytes empty{0, 0};
  core::wire_reader none(empty);
  CHECK(place_list::read(none, 3).of(0).empty());
  CHECK(none.done());
}

}  // namespace places_test
