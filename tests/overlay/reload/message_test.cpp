#include <doctest.h>

#include "identity/ring.hpp"
#include "pastry/topology_messages.hpp"
#include "reload/attach_message.hpp"
#include "reload/config_update_message.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/forwarding_header.hpp"
#include "reload/message.hpp"

namespace message_test {

using namespace phyllo;
using namespace phyllo::overlay;

namespace {

node_id id(std::uint8_t last) {
  node_id n;
  n.octets.fill(0x10);
  n.octets.back() = last;
  return n;
}

// What is printed reads back as it was, and no shorter piece of it reads at all.
template <class T>
void check_round_trip(const T& value) {
  const auto bytes = value.print();
  const auto back = T::read(bytes);
  REQUIRE(back.has_value());
  CHECK((*back == value));
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(T::read(core::byte_view(bytes).first(n)).has_value());
  auto longer = bytes;
  longer.push_back(0);
  const auto read = T::read(longer);
  if (read) CHECK_FALSE((*read == value));  // only opaque tails may take it in
}

leaf_set_state state() { return {1767225600, 1767225601000, leaf_set_state::flag_active, {}, {id(1), id(2)}, {id(3)}, {id(4)}, {}, {}}; }

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

TEST_CASE("a two-byte destination with its top bit set is an opaque id of two bytes") {
  const core::bytes data{0x81, 0x02};
  const auto list = read_destinations(data, 4);
  REQUIRE(list.has_value());
  CHECK(list->front() == destination{destination_type::opaque, {}, {0x81, 0x02}});
}

TEST_CASE("lists with duplicate entries are seen") {
  CHECK(has_duplicates({destination::to_node(id(1)), destination::to_node(id(2)), destination::to_node(id(1))}));
  CHECK_FALSE(has_duplicates({destination::to_node(id(1)), destination::to_resource(id(1))}));
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

TEST_CASE("an unknown version or type of the plug-in's bodies is an invalid message") {
  auto body = membership_request{id(9), state()}.print();
  body[18] = 2;  // LeafSetState's version
  CHECK(membership_request::read(body).error() == errc::invalid_message);
  CHECK(update_request::read(core::bytes{9, 0, 0, 0, 0}).error() == errc::invalid_message);
  CHECK(update_request::read(core::bytes{}).error() == errc::invalid_message);
}

TEST_CASE("an UpdateReq of any type is one of Chord's that says nothing, to whom knows no other") {
  for (const auto type : {update_type::active, update_type::rows, update_type::supernodes, update_type::synced, update_type::revocations}) {
    update_request u;
    u.type = type;
    if (type == update_type::revocations) u.content = {1, 2, 3};
    auto body = u.print();
    REQUIRE(body.size() > 5);
    CHECK(body[4] == 0);  // RFC 6940 s.10.7.1: uptime (4), type (1): reserved (0)
    for (std::size_t octet = 1; octet < 5; ++octet) {
      body[octet] = 1;
      CHECK(update_request::read(body).error() == errc::invalid_message);
      body[octet] = 0;
    }
    CHECK(update_request::read(body) == u);
  }
}

TEST_CASE("Node-IDs that are never issued are refused in lists") {
  auto s = state();
  s.left = {node_id{}};
  CHECK_FALSE(membership_request::read(membership_request{id(9), s}.print()).has_value());
}

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
  CHECK(core::to_hex(a.print()).find("0106c000020117c4") != std::string::npos);
}

TEST_CASE("diagnostic bodies and ConfigUpdate read back as they were written") {
  check_round_trip(ping_answer{1, 2});
  check_round_trip(probe_request{{1, 3}});
  check_round_trip(probe_answer{{{probe_information::uptime, 60}}});
  check_round_trip(path_track_request{destination::to_node(id(1)), {1, 2, 3, {{0xf000, {9}}, {0x40, {}}}}});
  check_round_trip(path_track_answer{destination::to_node(id(1)), {1, 2, 3, 30, {{2, {0, 0, 0, 9}}}}});
  check_round_trip(config_update_request{config_update_type::config, "<overlay/>", {}});
  check_round_trip(config_update_request{config_update_type::kind, {}, {"<kind/>", "<kind/>"}});
  CHECK(check_ping_request(print_ping_request(17)).has_value());
  CHECK_FALSE(check_ping_request(core::bytes{0}).has_value());
}

TEST_CASE("certificates beyond what a security block holds are left out, and the message reads all the same") {
  const auto ca = identity::authority::create("login.example.com", testing::today);
  const std::string label(60, 'd');
  std::vector<std::string> domains;  // nearly the most that a certificate may have
  for (int i = 0; i < 21; ++i) domains.push_back(label + "." + label + "." + label + ".example" + std::to_string(i));
  const auto by = testing::credential_for(ca, 1, "node@example.com");
  message_contents m;
  for (std::uint8_t n = 2; n < 18; ++n)
    m.certificates.push_back(testing::credential_for(ca, testing::request_for(n, "node@example.com", domains)).certificate);
  const auto large = m.certificates.front().der().size();
  REQUIRE(large * m.certificates.size() > 0xffff);
  auto sealed = seal_payload(m, 7, 8, by);
  auto opened = open_payload(sealed);
  REQUIRE(opened.has_value());
  CHECK(opened->certificates.size() == 1 + (0xffff - by.certificate.der().size() - 3) / (large + 3));
  CHECK(verify_payload(*opened, 7, 8, by.certificate).has_value());

  const auto small = testing::credential_for(ca, 15, "node@example.com").certificate;
  m.certificates.assign(200, small);
  sealed = seal_payload(m, 7, 8, by);
  opened = open_payload(sealed);
  REQUIRE(opened.has_value());
  CHECK(opened->certificates.size() == certificates_max);
}

TEST_CASE("an answer goes back the way of its request, without the circles that it went in") {
  const auto to = [](std::uint8_t last) { return destination::to_node(id(last)); };
  CHECK(return_path({}, std::nullopt).empty());
  CHECK(return_path({to(1), to(2)}, id(3)) == destination_list{to(3), to(2), to(1)});
  CHECK(return_path({to(1), to(2), to(3), to(2)}, id(4)) == destination_list{to(4), to(2), to(1)});
}

TEST_CASE("an error's info that repeats more than it can hold is cut") {
  const auto read = read_error(make_error(error_code::invalid_message, std::string(100'000, 'x')));
  REQUIRE(read.has_value());
  CHECK(read->info.size() == 0xffff);
}

TEST_CASE("RELOAD errors become the API's, with their names") {
  const auto m = make_error(error_code::data_too_old, "7 is stored");
  const auto e = read_error(m);
  REQUIRE(e.has_value());
  CHECK(to_error(*e) == errc::data_too_old);
  CHECK(to_error(*e).detail() == "Error_Data_Too_Old: 7 is stored");
  CHECK(code_name(code::route_query_req + 1) == "route_query_ans");
  CHECK(code_name(code::error) == "error");
}

}  // namespace message_test
