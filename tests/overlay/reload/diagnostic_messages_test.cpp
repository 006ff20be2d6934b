#include "reload/diagnostic_messages.hpp"

#include <doctest.h>

#include "reload/message_codes.hpp"
#include "support/codec_check.hpp"
#include "support/node_ids.hpp"

namespace diagnostic_messages_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::check_round_trip;
using testing::from_digits;
using testing::id;

namespace {

const diagnostics_request asked{.expiration_ms = 1, .initiated_ms = 2, .flags = 3, .extensions = {{0xf000, {9}}}};

// A payload as far as a node on the way reads it.
core::bytes payload(std::uint16_t code, const core::bytes& body, const core::bytes& extensions = {}) {
  core::bytes out;
  core::wire_writer w(out);
  w.u16(code);
  w.opaque(4, body);
  w.opaque(4, extensions);
  return out;
}

core::bytes extension_of(std::uint16_t type, const core::bytes& content) {
  core::bytes out;
  core::wire_writer w(out);
  w.u16(type);
  w.u8(0);
  w.opaque(4, content);
  return out;
}

}  // namespace

TEST_CASE("Ping and Probe are laid out as RFC 6940 s.6.5.3 and s.6.4.2.5 say") {
  CHECK(encode_ping_request(3) == from_digits("0003 000000"));
  testing::check_reads_whole_only(encode_ping_request(17), check_ping_request);
  testing::check_reads_whole_only(encode_ping_request(), check_ping_request);
  CHECK(ping_answer{0x0102, 0x0304}.encode() == from_digits("0000000000000102 0000000000000304"));
  CHECK(probe_request{{1, 3}}.encode() == from_digits("02 0103"));
  CHECK(probe_answer{{{probe_information::uptime, 60}}}.encode() == from_digits("0006 03 04 0000003c"));
  check_round_trip(ping_answer{1, 2});
  check_round_trip(probe_request{{1, 3}});
  check_round_trip(probe_answer{{{probe_information::responsible_set, 1'000'000}, {probe_information::uptime, 60}}});
}

TEST_CASE("what a ProbeAns tells of an unknown kind is passed over by its length; of a known one it has four octets") {
  const auto a = probe_answer::decode(from_digits("000f  04 01 ff  02 04 00000007  00 00  80 02 0000"));
  REQUIRE(a.has_value());
  CHECK(a->values == decltype(a->values){{probe_information::num_resources, 7}});
  CHECK_FALSE(probe_answer::decode(from_digits("0005  02 03 000007")).has_value());
  CHECK_FALSE(probe_answer::decode(from_digits("0007  02 05 0000000700")).has_value());
}

TEST_CASE("DiagnosticsRequest and DiagnosticsResponse are laid out as RFC 7851 s.5 says, with the length of their lists told twice") {
  CHECK(asked.encode() == from_digits("0000000000000001 0000000000000002 0000000000000003  00000007 00000007  f000 00000001 09"));
  const diagnostics_response told{.expiration_ms = 1, .initiated_ms = 2, .received_ms = 3, .hop_counter = 30, .infos = {{2, {0, 9}}}};
  CHECK(told.encode() == from_digits("0000000000000001 0000000000000002 0000000000000003 1e  00000006 00000006  0002 0002 0009"));
  check_round_trip(asked);
  check_round_trip(told);
  auto differ = asked.encode();
  differ[27] = 8;
  CHECK_FALSE(diagnostics_request::decode(differ).has_value());
}

TEST_CASE("PathTrack carries a destination before its diagnostics") {
  check_round_trip(path_track_request{destination::to_node(id(1)), {1, 2, 3, {{0xf000, {9}}, {0x40, {}}}}});
  check_round_trip(path_track_answer{destination::to_node(id(1)), {1, 2, 3, 30, {{2, {0, 0, 0, 9}}}}});
  const path_track_request to_key{destination::to_resource(id(1)), asked};
  check_round_trip(to_key);
  CHECK(core::to_hex(to_key.encode()).starts_with("021110"));
}

TEST_CASE("a list of diagnostics has sixty-four entries at most") {
  auto many = asked;
  many.extensions.assign(64, {1, {}});
  CHECK(diagnostics_request::decode(many.encode())->extensions.size() == 64);
  many.extensions.push_back({1, {}});
  CHECK_FALSE(diagnostics_request::decode(many.encode()).has_value());
}

TEST_CASE("an answer's information is found by its kind, the first of it") {
  const diagnostics_response told{
      .expiration_ms = 0, .initiated_ms = 0, .received_ms = 0, .hop_counter = 0, .infos = {{2, {1}}, {8, {2}}, {2, {3}}}};
  REQUIRE(told.find(2) != nullptr);
  CHECK(*told.find(2) == core::bytes{1});
  CHECK(told.find(1) == nullptr);
  CHECK(diagnostic_flag(diagnostic_kind::instances_stored) == 0x800);
}

TEST_CASE("a node on the way finds a diagnosis in a PathTrackReq, and in a PingReq by its extension; nowhere else") {
  const auto track = path_track_request{destination::to_node(id(1)), asked}.encode();
  CHECK(diagnostics_in(payload(code::path_track_req, track)) == asked);
  CHECK_FALSE(diagnostics_in(payload(code::path_track_req + 1, track)).has_value());
  CHECK_FALSE(diagnostics_in(payload(code::path_track_req, {1, 2, 3})).has_value());
  const auto ping = encode_ping_request();
  auto extensions = extension_of(7, {1, 2, 3});
  CHECK_FALSE(diagnostics_in(payload(code::ping_req, ping, extensions)).has_value());
  core::append(extensions, extension_of(diagnostic_ping_extension, asked.encode()));
  CHECK(diagnostics_in(payload(code::ping_req, ping, extensions)) == asked);
  CHECK_FALSE(diagnostics_in(payload(code::find_req, ping, extensions)).has_value());
  CHECK_FALSE(diagnostics_in(payload(code::ping_req, ping, extension_of(diagnostic_ping_extension, {1}))).has_value());
  CHECK_FALSE(diagnostics_in(payload(code::ping_req, ping)).has_value());
  CHECK_FALSE(diagnostics_in({}).has_value());
}

}  // namespace diagnostic_messages_test
