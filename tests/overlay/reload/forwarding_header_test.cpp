#include "reload/forwarding_header.hpp"

#include <doctest.h>

namespace forwarding_header_test {

using namespace phyllo;
using namespace phyllo::overlay;

namespace {

node_id id(std::uint8_t last) {
  node_id n;
  n.octets.fill(0x10);
  n.octets.back() = last;
  return n;
}

forwarding_header to_one() {
  forwarding_header h;
  h.overlay = 1;
  h.ttl = 30;
  h.destinations = {destination::to_node(id(2))};
  return h;
}

// Without a payload, one octet of it another.
core::bytes altered(std::size_t at, std::uint8_t octet) {
  auto m = to_one().message({});
  m.at(at) = octet;
  return m;
}

// What is wrong with it, in the refusal's words.
std::string flaw(core::byte_view message) {
  const auto m = parse_header(message);
  if (m) return {};
  CHECK(m.error() == errc::invalid_message);
  return m.error().detail();
}

}  // namespace

TEST_CASE("the forwarding header is laid out as RFC 6940 s.6.3.2 says") {
  forwarding_header h;
  h.overlay = 0x01020304;
  h.configuration_sequence = 5;
  h.ttl = 30;
  h.transaction_id = 0x1122334455667788;
  h.via = {destination::to_node(id(1))};
  h.destinations = {destination::to_node(id(2)), destination::to_resource(id(3))};
  const core::bytes payload{0xaa, 0xbb};
  const auto hex = core::to_hex(h.message(payload));
  CHECK(hex ==
        "d2454c4f"
        "01020304"
        "0005"
        "0a"
        "1e"
        "c0000000"
        "0000005f"
        "1122334455667788"
        "00000000"
        "0012"
        "0025"
        "0000"
        "0110"
        "10101010101010101010101010101001"
        "0110"
        "10101010101010101010101010101002"
        "0211"
        "10"
        "10101010101010101010101010101003"
        "aabb");
  const auto laid_out = *core::from_hex(hex);
  const auto back = parse_header(laid_out);
  REQUIRE(back.has_value());
  CHECK(back->header.via == h.via);
  CHECK(back->header.destinations == h.destinations);
  CHECK(back->header.transaction_id == h.transaction_id);
  CHECK(core::equal(back->payload, payload));
}

TEST_CASE("a Resource-ID stands only at the end of a destination list, and never in a via list") {
  forwarding_header h;
  h.destinations = {destination::to_resource(id(1)), destination::to_node(id(2))};
  CHECK_FALSE(parse_header(h.message({})).has_value());
  h.destinations = {destination::to_node(id(2))};
  h.via = {destination::to_resource(id(1))};
  CHECK_FALSE(parse_header(h.message({})).has_value());
  h.via.clear();
  CHECK(parse_header(h.message({})).has_value());
  h.destinations.clear();
  CHECK_FALSE(parse_header(h.message({})).has_value());
}

TEST_CASE("options keep their flags and contents") {
  forwarding_header h;
  h.destinations = {destination::to_node(id(2))};
  h.options = {{7, forwarding_option::forward_critical, {1, 2, 3}}, {8, 0, {}}};
  const auto bytes = h.message({});
  const auto back = parse_header(bytes);
  REQUIRE(back.has_value());
  CHECK(back->header.options == h.options);
}

TEST_CASE("a header of another token, version or length is refused, and it is said what is wrong") {
  CHECK(flaw(to_one().message({})).empty());
  CHECK(flaw(altered(0, 0xd3)) == "relo_token");
  CHECK(flaw(altered(10, 0x0b)) == "version");
  CHECK(flaw(altered(10, 0x09)) == "version");
  CHECK(flaw(altered(19, 57)) == "length");
  CHECK(flaw(altered(19, 55)) == "length");
  CHECK(flaw(altered(12, 0x40)) == "fragment");  // the bit that is always set
  CHECK(flaw(altered(33, 1)).starts_with("via"));
  CHECK(flaw(altered(35, 19)).starts_with("via"));
  CHECK(flaw(altered(37, 1)).starts_with("via"));
}

TEST_CASE("the beginning of a message reads from its lists on, and is known to be no whole one") {
  auto h = to_one();
  h.via = {destination::to_node(id(3))};
  h.options = {{7, 0, {1, 2}}};
  const core::bytes payload{1, 2, 3, 4};
  const auto bytes = h.message(payload);
  const auto lists_end = bytes.size() - payload.size();
  for (std::size_t n = 0; n < lists_end; ++n) CHECK_FALSE(parse_beginning(core::byte_view(bytes).first(n)).has_value());
  for (std::size_t n = lists_end; n <= bytes.size(); ++n) {
    const auto m = parse_beginning(core::byte_view(bytes).first(n));
    REQUIRE(m.has_value());
    CHECK(m->whole == (n == bytes.size()));
    CHECK(m->payload.size() == n - lists_end);
    CHECK(m->header.via == h.via);
    CHECK(parse_header(core::byte_view(bytes).first(n)).has_value() == m->whole);
  }
}

TEST_CASE("a list has 128 entries at most") {
  auto h = to_one();
  h.via.assign(destinations_max, destination::to_node(id(3)));
  CHECK(flaw(h.message({})).empty());
  h.via.push_back(destination::to_node(id(3)));
  CHECK_FALSE(flaw(h.message({})).empty());
  h.via.clear();
  h.destinations.assign(destinations_max + 1, destination::to_node(id(3)));
  CHECK_FALSE(flaw(h.message({})).empty());
}

TEST_CASE("an answer has those options that ask for it, without their flags") {
  constexpr auto copy = forwarding_option::response_copy;
  const auto copied = copied_to_response({{1, copy, {1}},
                                          {2, forwarding_option::forward_critical, {2}},
                                          {3, static_cast<std::uint8_t>(copy | forwarding_option::destination_critical), {3}}});
  CHECK(copied == std::vector<forwarding_option>{{1, 0, {1}}, {3, 0, {3}}});
}

TEST_CASE("an answer goes back the way of its request, without the circles that it went in") {
  const auto to = [](std::uint8_t last) { return destination::to_node(id(last)); };
  CHECK(return_path({}, std::nullopt).empty());
  CHECK(return_path({to(1), to(2)}, id(3)) == destination_list{to(3), to(2), to(1)});
  CHECK(return_path({to(1), to(2), to(3), to(2)}, id(4)) == destination_list{to(4), to(2), to(1)});
}

}  // namespace forwarding_header_test
