// Forms of RFC 6940 that our own nodes never send: other implementations, and later versions, may.
#include <doctest.h>

#include <algorithm>

#include "overlay/support/simulated_ring.hpp"
#include "overlay/support/stranger.hpp"
#include "pastry/topology_messages.hpp"
#include "reload/attach_message.hpp"
#include "reload/attach_stamp.hpp"
#include "storage/fetch_message.hpp"
#include "storage/storage_extension.hpp"

namespace foreign_forms_test {

using namespace phyllo;
using namespace phyllo::testing;
namespace code = overlay::code;
namespace error_code = overlay::error_code;

namespace {

struct scene {
  explicit scene(bool peer) : ring(9), who{grown(), ring.overlay.issue("foreign@example.org", {}, 24h, nullptr, peer)} { who.connect(0); }

  simulated_ring& grown() {
    for (int i = 0; i < 5; ++i) ring.add();
    REQUIRE(ring.join_all(60s));
    REQUIRE(ring.settle(30s));
    ring.world.run_for(2s);
    return ring;
  }
  [[nodiscard]] overlay::destination victim() const { return overlay::destination::to_node(ring.peers[0]->id()); }

  std::optional<overlay::message_contents> ask(overlay::message_contents m, std::uint32_t max_response_length = 0) {
    auto h = who.header(victim());
    h.max_response_length = max_response_length;
    return who.ask(h, stranger::seal(h, m, who.self));
  }
  std::optional<overlay::message_contents> attach(const std::string& role, std::vector<overlay::ice_candidate> candidates,
                                                  bool send_update = false) {
    overlay::attach_message a;
    a.role = role;
    a.send_update = send_update;
    a.candidates = std::move(candidates);
    overlay::message_contents m;
    m.code = code::attach_req;
    m.body = a.encode();
    m.extensions.push_back(overlay::attach_stamp{core::unix_milliseconds(ring.world.env().wall_now()), victim()}.encode());
    return ask(std::move(m));
  }

  // Of the Updates that have come, their types.
  [[nodiscard]] std::vector<overlay::update_type> updates() {
    std::vector<overlay::update_type> out;
    for (const auto& bytes : who.received) {
      const auto parsed = overlay::parse_header(bytes);
      REQUIRE(parsed.has_value());
      const auto opened = overlay::open_payload(parsed->payload);
      if (!opened || opened->contents.code != code::update_req) continue;
      const auto u = overlay::update_request::decode(opened->contents.body);
      REQUIRE(u.has_value());
      out.push_back(u->type);
    }
    return out;
  }

  simulated_ring ring;
  stranger who;
};

std::uint16_t code_of(const std::optional<overlay::message_contents>& m) {
  if (!m) return 0;
  const auto e = overlay::read_error(*m);
  return m->code == code::error && e ? e->code : m->code;
}

overlay::ice_candidate candidate_of(std::uint8_t link, std::uint8_t type = 1) {
  overlay::ice_candidate c;
  c.at = {asio::ip::make_address("192.0.2.1"), 6084};
  c.overlay_link = link;
  c.foundation = "1";
  c.type = static_cast<overlay::candidate_type>(type);
  return c;
}

}  // namespace

TEST_CASE("a candidate of a type that is not known is passed over, and the others are taken") {
  overlay::attach_message a;
  a.role = "passive";
  a.candidates = {candidate_of(3, 77), candidate_of(3), candidate_of(4)};
  const auto read = overlay::attach_message::decode(a.encode());
  REQUIRE(read.has_value());
  CHECK(read->candidates == std::vector{candidate_of(3), candidate_of(4)});
  a.candidates = {candidate_of(3, 0)};
  CHECK_FALSE(overlay::attach_message::decode(a.encode()).has_value());
}

TEST_CASE("a candidate at an address of a type that is not known is passed over by its length") {
  overlay::attach_message a;
  a.role = "passive";
  a.candidates = {candidate_of(3), candidate_of(4)};
  auto body = a.encode();
  const core::bytes address{1, 6, 192, 0, 2, 1};
  const auto at = std::ranges::search(body, address);
  REQUIRE_FALSE(at.empty());
  *at.begin() = 9;
  const auto read = overlay::attach_message::decode(body);
  REQUIRE(read.has_value());
  CHECK(read->candidates == std::vector{candidate_of(4)});
}

TEST_CASE("an Attach whose role is not passive, or that mixes ICE and No-ICE, is invalid") {
  scene s(true);
  CHECK(code_of(s.attach("active", {candidate_of(3)})) == error_code::invalid_message);
  CHECK(code_of(s.attach("passive", {candidate_of(3), candidate_of(1)})) == error_code::invalid_message);
  CHECK(code_of(s.attach("passive", {candidate_of(3), candidate_of(200)})) == code::attach_req + 1);
}

TEST_CASE("an answer is never longer than max_response_length") {
  scene s(false);
  overlay::route_query_request q;
  q.target = s.victim();
  q.type = overlay::query_type::rows;
  q.last_row = 255;
  overlay::message_contents m;
  m.code = code::route_query_req;
  m.body = q.encode();
  const auto whole = s.ask(m);
  REQUIRE(code_of(whole) == code::route_query_req + 1);
  const auto size = static_cast<std::uint32_t>(s.who.received.back().size());
  CHECK(size < 8192);
  CHECK(code_of(s.ask(m, size + 64)) == code::route_query_req + 1);
  CHECK(code_of(s.ask(m, size - 64)) == error_code::response_too_large);
  CHECK(code_of(s.ask(m, 100)) == error_code::response_too_large);
}

TEST_CASE("RouteQuery needs no overlay data, and send_update brings the tables of who answers") {
  scene s(false);
  overlay::message_contents m;
  m.code = code::route_query_req;
  core::wire_writer w(m.body);
  w.u8(1);
  s.victim().write(w);
  w.u16(0);
  CHECK(code_of(s.ask(m)) == code::route_query_req + 1);
  const auto updates = s.updates();
  CHECK(std::ranges::count(updates, overlay::update_type::active) == 1);
  CHECK(std::ranges::count(updates, overlay::update_type::rows) == 1);
}

TEST_CASE("an Attach brings the tables of who answers where it asks for them by send_update, and none where it does not") {
  for (const bool asked : {false, true}) {
    CAPTURE(asked);
    scene s(false);
    s.who.received.clear();
    CHECK(code_of(s.attach("passive", {candidate_of(3)}, asked)) == code::attach_req + 1);
    s.ring.world.run_for(500ms);  // before it is sent again, since the stranger does not answer
    const auto updates = s.updates();
    CHECK(std::ranges::count(updates, overlay::update_type::active) == (asked ? 1 : 0));
    CHECK(std::ranges::count(updates, overlay::update_type::rows) == (asked ? 1 : 0));
  }
}

TEST_CASE("a store condition that is not known is no condition that is met") {
  const auto condition = [](core::bytes content) {
    overlay::extension e;
    e.type = overlay::extension_type::store_condition;
    e.critical = true;
    e.content = std::move(content);
    return overlay::decode(std::vector{e});
  };
  REQUIRE(condition({1}).has_value());
  CHECK(condition({1})->if_absent);
  CHECK(condition({7}).error() == error_code::unknown_extension);
  CHECK(condition({0}).error() == error_code::unknown_extension);
  CHECK(condition({}).error() == error_code::invalid_message);
  CHECK(condition({1, 1}).error() == error_code::invalid_message);
}

TEST_CASE("0xffffffff is the final element of an array at both ends of a range") {
  overlay::data_specifier s;
  s.ranges = {{0xffffffff, 0xffffffff}};
  overlay::data_value v;
  v.model = overlay::data_model::array;
  v.index = 4;
  CHECK(overlay::asks_for(overlay::with_final_element(s, 4), v));
  v.index = 3;
  CHECK_FALSE(overlay::asks_for(overlay::with_final_element(s, 4), v));
  s.ranges = {{2, 0xffffffff}};
  CHECK(overlay::asks_for(overlay::with_final_element(s, 4), v));
}

TEST_CASE("LeaveReq carries nothing in its body that is read as another topology's") {
  const auto body = overlay::leave_request{overlay::node_id{}}.encode();
  CHECK(body.size() == overlay::node_id::size + 2);
  CHECK(body.back() == 0);
}

}  // namespace foreign_forms_test
