#include "pastry/pastry_requests.hpp"

#include <doctest.h>

#include "overlay/support/pastry_node.hpp"

namespace pastry_requests_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : pastry_node {
  message_contents join(const other& o, const node_id& as) {
    plugin.on_join(request(o, code::join_req, membership_request{as, state(0)}.encode()));
    return answer_to(o);
  }
  static std::uint16_t refusal(const message_contents& m) {
    const auto e = read_error(m);
    REQUIRE(e.has_value());
    return e->code;
  }
};

}  // namespace

TEST_CASE("a root admits one joiner at a time, under its own Node-ID") {
  scene s;
  const auto joiner = s.meet(0x85);
  const auto another = s.meet(0x86);
  CHECK(scene::refusal(s.join(joiner, id(0x86))) == error_code::forbidden);
  CHECK(s.join(joiner, joiner.id()).code == code::join_req + 1);
  CHECK(scene::refusal(s.join(another, another.id())) == error_code::in_progress);
}

TEST_CASE("a neighbour-to-be is granted its place, another meanwhile is told that this node is busy, until the first gives back") {
  scene s;
  const auto joiner = s.meet(0x85);
  const auto another = s.meet(0x86);
  CHECK(s.ask(joiner, scene::state(leaf_set_state::flag_asks)).granted.size() == 1);
  auto a = s.ask(another, scene::state(leaf_set_state::flag_asks));
  CHECK(a.granted.empty());
  CHECK(a.state.has(leaf_set_state::flag_busy));
  (void)s.ask(joiner, scene::state(leaf_set_state::flag_leaving));
  a = s.ask(another, scene::state(leaf_set_state::flag_asks));
  CHECK(a.granted.size() == 1);
  CHECK_FALSE(a.state.has(leaf_set_state::flag_busy));
}

TEST_CASE("what peers do is refused to clients, and what counts on its own link to those who send it around") {
  scene s;
  const auto client = s.meet(0x85, false);
  CHECK(scene::refusal(s.join(client, client.id())) == error_code::forbidden);
  s.plugin.on_route_query(s.probe(client, scene::state(leaf_set_state::flag_active)));
  CHECK(scene::refusal(scene::answer_to(client)) == error_code::forbidden);
  const auto peer = s.meet(0x86);
  auto around = s.probe(peer, scene::state(0));
  around.direct = false;
  s.plugin.on_route_query(std::move(around));
  CHECK(scene::refusal(scene::answer_to(peer)) == error_code::forbidden);
}

TEST_CASE("rows are told to anybody, with Updates after them if they are wanted; what is storage's is handed on") {
  scene s;
  const auto peer = s.meet(0x86);
  route_query_request q;
  q.send_update = true;
  q.target = destination::to_resource(peer.id());
  q.type = query_type::rows;
  q.last_row = 255;
  auto r = s.request(peer, code::route_query_req, q.encode());
  r.direct = false;
  s.plugin.on_route_query(std::move(r));
  const auto a = route_query_answer::decode(scene::answer_to(peer).body);
  REQUIRE(a.has_value());
  CHECK(a->next_peer == id(0x80));
  CHECK(a->state.has(leaf_set_state::flag_active));
  s.wait();
  CHECK(pastry_parts::asked_of(*peer.link).size() == 3);  // the answer, and two Updates

  q = {};
  q.target = destination::to_node(id(0x80));
  q.type = query_type::sync;
  s.plugin.on_route_query(s.request(peer, code::route_query_req, q.encode()));
  CHECK(s.told.questions == std::vector{link_subject::sync});
}

TEST_CASE("a member that leaves is out of the leaf set, also when it says no more than that") {
  scene s;
  const auto member = s.meet_member(0x85);
  CHECK(s.plugin.knows().neighbours() == std::vector{member.id()});
  s.plugin.on_leave(s.request(member, code::leave_req, leave_request{member.id()}.encode()));
  CHECK(s.plugin.knows().neighbours().empty());
}

}  // namespace pastry_requests_test
