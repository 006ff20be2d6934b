#include "chord/chord_messages.hpp"

#include <doctest.h>

namespace chord_messages_test {

using namespace phyllo;
using namespace phyllo::overlay;

namespace {

node_id id(std::uint8_t last) {
  node_id n;
  n.octets.fill(0x10);
  n.octets.back() = last;
  return n;
}

const std::string n1 = "10101010101010101010101010101001";
const std::string n2 = "10101010101010101010101010101002";
const std::string n3 = "10101010101010101010101010101003";
const std::string none_id = "00000000000000000000000000000000";
const std::string last_id = "ffffffffffffffffffffffffffffffff";

template <class T>
core::result<T> decoded(const std::string& hex) {
  const auto bytes = core::from_hex(hex);
  REQUIRE(bytes.has_value());
  return T::decode(*bytes);
}

// It stands on the wire as it is written here, is read back as it was, and no shorter or longer form of it is read.
template <class T>
void check_form(const T& value, const std::string& hex) {
  CHECK(core::to_hex(value.encode()) == hex);
  const auto back = decoded<T>(hex);
  REQUIRE(back.has_value());
  CHECK((*back == value));
  for (std::size_t n = 0; n < hex.size(); n += 2) CHECK_FALSE(decoded<T>(hex.substr(0, n)).has_value());
  CHECK_FALSE(decoded<T>(hex + "00").has_value());
}

}  // namespace

TEST_CASE("a ChordUpdate of each type is laid out as RFC 6940 s.10.7 says") {
  check_form(chord_update{3600, chord_update_type::peer_ready, {}, {}, {}}, "00000e1001");
  check_form(chord_update{1, chord_update_type::neighbors, {id(1)}, {id(2), id(3)}, {}},
             "00000001"
             "02"
             "0010" +
                 n1 + "0020" + n2 + n3);
  check_form(chord_update{0xffffffff, chord_update_type::neighbors, {}, {}, {}},
             "ffffffff"
             "02"
             "0000"
             "0000");
  check_form(chord_update{2, chord_update_type::full, {id(1)}, {id(2)}, {id(2), id(3)}},
             "00000002"
             "03"
             "0010" +
                 n1 + "0010" + n2 + "0020" + n2 + n3);
}

TEST_CASE("a ChordUpdate has no lists beyond those of its type") {
  const chord_update u{7, chord_update_type::peer_ready, {id(1)}, {id(2)}, {id(3)}};
  CHECK(core::to_hex(u.encode()) == "0000000701");
}

TEST_CASE("a ChordUpdate of an unknown type, with a broken list or a reserved Node-ID is refused") {
  for (const auto* type : {"00", "04", "ff"}) CHECK_FALSE(decoded<chord_update>("00000001" + std::string(type)).has_value());
  CHECK_FALSE(decoded<chord_update>("00000001"
                                    "02"
                                    "000f" +
                                    n1.substr(2) + "0000")
                  .has_value());
  CHECK_FALSE(decoded<chord_update>("00000001"
                                    "02"
                                    "0010" +
                                    none_id + "0000")
                  .has_value());
  CHECK_FALSE(decoded<chord_update>("00000001"
                                    "02"
                                    "0000"
                                    "0010" +
                                    last_id)
                  .has_value());
  const auto wrong = decoded<chord_update>(
      "00000001"
      "02");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error() == errc::invalid_message);
  CHECK(wrong.error().detail() == "ChordUpdate");
}

TEST_CASE("a list of more Node-IDs than the bound is refused, and one of as many is read") {
  chord_update u{1, chord_update_type::neighbors, std::vector<node_id>(node_ids_max, id(1)), {}, {}};
  CHECK(chord_update::decode(u.encode()).has_value());
  u.predecessors.push_back(id(2));
  CHECK_FALSE(chord_update::decode(u.encode()).has_value());
  chord_leave_request l{id(1), chord_leave_type::from_succ, std::vector<node_id>(node_ids_max, id(2))};
  CHECK(chord_leave_request::decode(l.encode()).has_value());
  l.nodes.push_back(id(3));
  CHECK_FALSE(chord_leave_request::decode(l.encode()).has_value());
}

TEST_CASE("a Leave has the Node-ID and ChordLeaveData as RFC 6940 s.10.9 says") {
  check_form(chord_leave_request{id(1), chord_leave_type::from_succ, {id(2), id(3)}}, n1 +
                                                                                          "0023"
                                                                                          "01"
                                                                                          "0020" +
                                                                                          n2 + n3);
  check_form(chord_leave_request{id(1), chord_leave_type::from_pred, {}}, n1 + "0003"
                                                                               "02"
                                                                               "0000");
  for (const auto* type : {"00", "03"}) CHECK_FALSE(decoded<chord_leave_request>(n1 + "0003" + type + "0000").has_value());
  CHECK_FALSE(decoded<chord_leave_request>(n1 + "0004"
                                                "01"
                                                "0000"
                                                "00")
                  .has_value());
  CHECK_FALSE(decoded<chord_leave_request>(none_id + "0003"
                                                     "01"
                                                     "0000")
                  .has_value());
}

TEST_CASE("a Join has no data of its own, and what stands there is passed over") {
  check_form(chord_join_request{id(1)}, n1 + "0000");
  const auto extended = decoded<chord_join_request>(n1 +
                                                    "0002"
                                                    "abcd");
  REQUIRE(extended.has_value());
  CHECK(extended->node == id(1));
  CHECK_FALSE(decoded<chord_join_request>(last_id + "0000").has_value());
  CHECK(core::to_hex(encode_chord_join_answer()) == "0000");
  CHECK(check_chord_join_answer(encode_chord_join_answer()).has_value());
  CHECK(check_chord_join_answer(core::bytes{0, 1, 9}).has_value());
  CHECK_FALSE(check_chord_join_answer(core::bytes{0, 1}).has_value());
}

TEST_CASE("a RouteQuery asks for a destination and is answered with one Node-ID (RFC 6940 s.10.8)") {
  check_form(chord_route_query_request{true, destination::to_resource(id(2))},
             "01"
             "0211"
             "10" +
                 n2 + "0000");
  check_form(chord_route_query_request{false, destination::to_node(id(2))},
             "00"
             "0110" +
                 n2 + "0000");
  CHECK_FALSE(decoded<chord_route_query_request>("02"
                                                 "0110" +
                                                 n2 + "0000")
                  .has_value());
  check_form(chord_route_query_answer{id(3)}, n3);
  CHECK_FALSE(decoded<chord_route_query_answer>(none_id).has_value());
}

}  // namespace chord_messages_test
