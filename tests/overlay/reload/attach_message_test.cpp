#include "reload/attach_message.hpp"

#include <doctest.h>

#include "reload/places.hpp"
#include "support/codec_check.hpp"

namespace attach_message_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::check_round_trip;
using testing::from_digits;

namespace {

ice_candidate host(const char* address = "192.0.2.1", std::uint16_t port = 6084) {
  ice_candidate c;
  c.at = {asio::ip::make_address(address), port};
  c.foundation = "1";
  c.priority = 42;
  return c;
}

attach_message with(std::vector<ice_candidate> candidates) {
  attach_message a;
  a.role = "passive";
  a.candidates = std::move(candidates);
  return a;
}

// An AttachReqAns without texts whose list of candidates is these octets.
core::bytes with_list(std::string_view digits) {
  const auto list = from_digits(digits);
  core::bytes out{0, 0, 0};
  core::wire_writer w(out);
  w.opaque(2, list);
  w.u8(0);
  return out;
}

bool refused(std::string_view digits) {
  const auto a = attach_message::decode(with_list(digits));
  return !a && a.error() == errc::invalid_message;
}

}  // namespace

TEST_CASE("Attach and AppAttach carry candidates of both families and relations") {
  attach_message a;
  a.role = "passive";
  ice_candidate v4;
  v4.at = {asio::ip::make_address("192.0.2.1"), 6084};
  v4.foundation = "1";
  v4.priority = 42;
  ice_candidate v6 = v4;
  v6.at = {asio::ip::make_address("2001:db8::1"), 443};
  v6.type = candidate_type::relay;
  v6.related = v4.at;
  v6.extensions = {{"generation", "0"}};
  a.candidates = {v4, v6};
  check_round_trip(a);
  check_round_trip(app_attach_message{5060, {"uf", "pw", "active", {v4}}});
  const auto dial = diallable(a.candidates);
  REQUIRE(dial.size() == 2);
  CHECK(dial[0].at == v4.at);
  // RFC 6940 s.6.3.1.1's example of an IpAddressPort
  CHECK(core::to_hex(a.encode()).find("0106c000020117c4") != std::string::npos);
}

TEST_CASE("an AttachReqAns and an AppAttach are laid out as RFC 6940 s.6.5.1 and s.6.5.2 say") {
  auto a = with({host()});
  a.ufrag = "u";
  a.password = "pw";
  a.send_update = true;
  const std::string candidate = "0012  01 06 c0000201 17c4  03  01 31  0000002a  01  0000";
  CHECK(a.encode() == from_digits("01 75  02 7077  07 70617373697665  " + candidate + "  01"));
  const app_attach_message app{5060, {"u", "pw", "active", {host()}}};
  CHECK(app.encode() == from_digits("01 75  02 7077  13c4  06 616374697665  " + candidate));
  auto relayed = host();
  relayed.type = candidate_type::relay;
  relayed.related = transport::endpoint{asio::ip::make_address("2001:db8::1"), 9};
  relayed.extensions = {{"a", "bc"}};
  CHECK(with({relayed}).encode() == from_digits("00 00 07 70617373697665  002d  01 06 c0000201 17c4  03  01 31  0000002a  04"
                                                "02 12 20010db8000000000000000000000001 0009  0007 0001 61 0002 6263  00"));
  check_round_trip(with({relayed, host()}));
}

TEST_CASE("what is malformed in an Attach is refused") {
  CHECK_FALSE(refused("01 06 c0000201 17c4 03 00 00000000 01 0000"));
  CHECK(refused("01 05 c0000201 17 03 00 00000000 01 0000"));       // an address of five octets
  CHECK(refused("01 07 c0000201 17c4 00 03 00 00000000 01 0000"));  // of seven
  CHECK(refused("01 06 c0000201 17c4 03 00 00000000 00 0000"));     // type 0
  CHECK(refused("01 06 c0000201 17c4 03 00 00000000 02 0000"));     // server reflexive without its base
  CHECK(refused("01 06 c0000201 17c4 03 00 00000000 01 0001 00"));  // an extension that is cut
  CHECK(refused("01 06 c0000201 17c4 03 00 00000000 01 0000 00"));  // an octet too much
  CHECK(refused("01 06 c0000201 17c4 03 00 00000000 01 00"));       // one too little
  auto update = with({host()}).encode();
  update.back() = 2;  // send_update is a Boolean
  CHECK_FALSE(attach_message::decode(update).has_value());
}

TEST_CASE("an Attach has sixteen candidates at most, and each of them eight extensions") {
  CHECK(attach_message::decode(with(std::vector(candidates_max, host())).encode()).has_value());
  CHECK_FALSE(attach_message::decode(with(std::vector(candidates_max + 1, host())).encode()).has_value());
  auto extended = host();
  extended.extensions.assign(8, {"n", "v"});
  CHECK(attach_message::decode(with({extended}).encode())->candidates.front().extensions.size() == 8);
  extended.extensions.push_back({"n", "v"});
  CHECK_FALSE(attach_message::decode(with({extended}).encode()).has_value());
}

TEST_CASE("a candidate of an unknown type is passed over, and what stands before one of an unknown form is kept") {
  auto foreign = host();
  foreign.type = candidate_type{9};
  const auto passed = attach_message::decode(with({host(), foreign, host("192.0.2.2")}).encode());
  REQUIRE(passed.has_value());
  CHECK(passed->candidates == std::vector{host(), host("192.0.2.2")});
  const auto cut =
      attach_message::decode(with_list("01 06 c0000201 17c4 03 01 31 0000002a 01 0000  01 06 c0000202 17c4 03 00 00000000 09 ffff"));
  REQUIRE(cut.has_value());
  CHECK(cut->candidates == std::vector{host()});
}

TEST_CASE("what this node says of itself is four host candidates at most, the first of them preferred") {
  std::vector<transport::candidate> own;
  for (std::uint16_t port = 1; port <= 5; ++port) own.push_back({transport::link_kind::tls, {asio::ip::make_address("192.0.2.1"), port}});
  const auto said = to_ice(own);
  REQUIRE(said.size() == own_places_max);
  CHECK(said[0].priority == 0x7effffff);  // 2^24 * 126 + 2^8 * 65535 + 256 - 1
  CHECK(said[1].priority == 0x7efffeff);
  CHECK(said[3].foundation == "4");
  CHECK(said[3].at.port == 4);
  CHECK(said[3].overlay_link == 4);
  CHECK(said[3].type == candidate_type::host);
}

TEST_CASE("candidates are all with ICE or all without; those of other overlay links are not dialled") {
  auto dtls = host();
  auto tls = host();
  tls.overlay_link = 4;
  auto with_ice = host();
  with_ice.overlay_link = 1;
  auto unknown = host();
  unknown.overlay_link = 77;
  CHECK_FALSE(mixes_ice({}));
  CHECK_FALSE(mixes_ice({dtls, tls, unknown}));
  CHECK_FALSE(mixes_ice({with_ice, unknown}));
  CHECK(mixes_ice({with_ice, dtls}));
  CHECK(mixes_ice({tls, with_ice}));
  CHECK(diallable({with_ice, unknown, host("192.0.2.1", 0)}).empty());
  CHECK(diallable({unknown, tls}) == std::vector<transport::candidate>{{transport::link_kind::tls, tls.at}});
}

}  // namespace attach_message_test
