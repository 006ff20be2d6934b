#include "pastry/topology_messages.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"

namespace topology_messages_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::check_reads_whole_only;
using testing::check_round_trip;
using testing::from_digits;

namespace {

node_id id(std::uint8_t last) {
  node_id n;
  n.octets.fill(0x10);
  n.octets.back() = last;
  return n;
}

leaf_set_state state() { return {1767225600, 1767225601000, leaf_set_state::flag_active, {}, {id(1), id(2)}, {id(3)}, {id(4)}, {}, {}}; }

// A LeafSetState that says nothing, in its 25 octets.
const std::string silent = "01 00000000 0000000000000000 00 00 0000 0000 0000 0000 0000";
const std::string nine = "10101010101010101010101010101009";

}  // namespace

TEST_CASE("every body of the plug-in's messages reads back as it was written") {
  check_round_trip(membership_request{id(9), state()});
  check_round_trip(leave_request{id(9)});
  update_request u{
      .type = update_type::active, .state = state(), .rows = {}, .supernodes = {}, .first = {}, .last = {}, .view = 0, .content = {}};
  check_round_trip(u);
  u = {};
  u.type = update_type::rows;
  u.rows = {{0, {id(1), id(2)}, {250, 0}, {}}, {3, {}, {}, {}}};
  check_round_trip(u);
  u = {};
  u.type = update_type::supernodes;
  u.supernodes = {id(1)};
  check_round_trip(u);
  u = {};
  u.type = update_type::synced;
  u.first = id(1);
  u.last = id(2);
  u.view = 77;
  check_round_trip(u);
  for (const auto type : {query_type::none, query_type::probe, query_type::rows, query_type::sync}) {
    route_query_request q;
    q.target = destination::to_resource(id(5));
    q.type = type;
    if (type == query_type::probe) q.state = state();
    if (type == query_type::rows) q.last_row = 31;
    if (type == query_type::sync) q.content = {1, 2, 3};
    check_round_trip(q);
  }
}

TEST_CASE("answers to RouteQuery carry what was asked for") {
  route_query_answer a;
  a.next_peer = id(7);
  a.type = query_type::rows;
  a.rows = {{1, {id(1)}, {70'000}, {}}};
  a.state = state();
  check_round_trip(a);
  a = {};
  a.type = query_type::probe;
  a.state = state();
  check_round_trip(a);
}

TEST_CASE("Join and Leave are laid out as pastry.md says") {
  CHECK(membership_request{id(9), {}}.encode() == from_digits(nine + "0019" + silent));
  CHECK(leave_request{id(9)}.encode() == from_digits(nine + "0000"));
  CHECK(encode_join_answer({}) == from_digits("0019" + silent));
  const auto answer = encode_join_answer(state());
  CHECK(decode_join_answer(answer) == state());
  check_reads_whole_only(answer, [](core::byte_view b) { return decode_join_answer(b).has_value(); });
  CHECK(leave_request::decode(from_digits(nine + "0001 00")).error() == errc::invalid_message);
  CHECK_FALSE(membership_request::decode(from_digits(nine + "001a" + silent + "00")).has_value());
}

TEST_CASE("RouteQuery is laid out as RFC 6940 s.6.4.2.4 says, with what the plug-in asks behind it") {
  route_query_request q;
  q.target = destination::to_node(id(9));
  CHECK(q.encode() == from_digits("00 01 10 " + nine + " 0001 00"));
  q.send_update = true;
  q.type = query_type::rows;
  q.first_row = 2;
  q.last_row = 3;
  CHECK(q.encode() == from_digits("01 01 10 " + nine + " 0003 02 02 03"));
  check_round_trip(q);
  for (const auto type : {query_type::revocations, query_type::document}) {
    route_query_request opaque;
    opaque.target = destination::to_node(id(9));
    opaque.type = type;
    opaque.content = {1, 2};
    check_round_trip(opaque);
  }
  const auto of_others = route_query_request::decode(from_digits("00 01 10 " + nine + " 0000"));
  REQUIRE(of_others.has_value());  // of a node that knows nothing of this plug-in
  CHECK(of_others->type == query_type::none);
  CHECK_FALSE(route_query_request::decode(from_digits("02 01 10 " + nine + " 0001 00")).has_value());
  CHECK_FALSE(route_query_request::decode(from_digits("00 01 10 " + nine + " 0001 06")).has_value());
  CHECK_FALSE(route_query_request::decode(from_digits("00 01 10 " + nine + " 0002 00 00")).has_value());
}

TEST_CASE("an answer to RouteQuery names the next hop, and has what belongs to its type and nothing else") {
  route_query_answer a;
  a.next_peer = id(9);
  CHECK(a.encode() == from_digits(nine + "00"));
  check_reads_whole_only(a.encode(), [](core::byte_view b) { return route_query_answer::decode(b).has_value(); });
  a.type = query_type::probe;
  CHECK(a.encode() == from_digits(nine + "01" + silent + "0000"));
  a.type = query_type::rows;
  CHECK(a.encode() == from_digits(nine + "02 0000" + silent));
  for (const auto type : {query_type::sync, query_type::revocations, query_type::document}) {
    a.type = type;
    a.content = {7, 8};
    CHECK(route_query_answer::decode(a.encode()) == a);
  }
  CHECK(route_query_answer::decode(from_digits(nine + "06")).error() == errc::invalid_message);
}

TEST_CASE("an unknown version or type of the plug-in's bodies is an invalid message") {
  auto body = membership_request{id(9), state()}.encode();
  body[18] = 2;  // LeafSetState's version
  CHECK(membership_request::decode(body).error() == errc::invalid_message);
  CHECK(update_request::decode(core::bytes{9, 0, 0, 0, 0}).error() == errc::invalid_message);
  CHECK(update_request::decode(core::bytes{}).error() == errc::invalid_message);
}

TEST_CASE("an UpdateReq of any type is one of Chord's that says nothing, to whom knows no other") {
  for (const auto type : {update_type::active, update_type::rows, update_type::supernodes, update_type::synced, update_type::revocations}) {
    update_request u;
    u.type = type;
    if (type == update_type::revocations) u.content = {1, 2, 3};
    auto body = u.encode();
    REQUIRE(body.size() > 5);
    CHECK(body[4] == 0);  // RFC 6940 s.10.7.1: uptime (4), type (1): reserved (0)
    for (std::size_t octet = 1; octet < 5; ++octet) {
      body[octet] = 1;
      CHECK(update_request::decode(body).error() == errc::invalid_message);
      body[octet] = 0;
    }
    CHECK(update_request::decode(body) == u);
  }
}

TEST_CASE("an Update that something is synced names an arc and a view") {
  update_request u;
  u.type = update_type::synced;
  u.first = id(1);
  u.last = id(9);
  u.view = 7;
  CHECK(u.encode() == from_digits("04 00000000 10 10101010101010101010101010101001 10 " + nine + " 0000000000000007"));
  u = {};
  u.type = update_type::revocations;
  u.content = {1, 2, 3};
  CHECK(u.encode() == from_digits("05 00000000 010203"));
  CHECK_FALSE(update_request::decode(from_digits("06 00000000")).has_value());
  CHECK_FALSE(update_request::decode(from_digits("00 00000000")).has_value());
}

TEST_CASE("Node-IDs that are never issued are refused in lists") {
  auto s = state();
  s.left = {node_id{}};
  CHECK_FALSE(membership_request::decode(membership_request{id(9), s}.encode()).has_value());
}

}  // namespace topology_messages_test
