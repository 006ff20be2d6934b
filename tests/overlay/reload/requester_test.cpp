#include "reload/requester.hpp"

#include <doctest.h>

#include "overlay/support/message_layer.hpp"
#include "phyllo/core/task_scope.hpp"

namespace requester_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : message_layer {
  // Asks, and sends what is due.
  void ask(destination to, std::uint16_t code = code::ping_req, requester::options o = {}, core::duration within = 10s) {
    own.ask({std::move(to)}, contents(code), world.now() + within, o, [this](core::result<answer> a) { ended.push_back(std::move(a)); });
    own.run_due(world.now());
  }
  [[nodiscard]] std::uint64_t transaction() const { return well->sent.back().header.transaction_id; }
  // `by` answers what was sent last by the link of 86.
  void answered(const identity::certificate& by, message_contents m, destination_list via = {}) {
    auto h = header(destination::to_node(ring.self()), transaction());
    h.via = std::move(via);
    opened_payload p;
    p.contents = std::move(m);
    own.on_answer(h, p, by, well->peer().node());
  }
  void wait(core::duration d) {
    world.run_for(d);
    own.run_due(world.now());
  }

  std::vector<core::result<answer>> ended;
};

}  // namespace

TEST_CASE("a request goes by the link of its node, and its answer tells the way that it came") {
  scene s;
  s.ask(destination::to_node(s.well->peer().node()));
  REQUIRE(s.well->sent.size() == 1);
  CHECK(s.well->sent[0].header.ttl == 100);
  CHECK(s.well->sent[0].header.destinations == destination_list{destination::to_node(s.well->peer().node())});
  CHECK(s.ended.empty());
  s.answered(s.well->peer(), message_layer::contents(code::ping_req + 1, {1}),
             {destination::to_node(id(0x90)), destination::to_node(id(0x91))});
  REQUIRE(s.ended.size() == 1);
  REQUIRE(s.ended[0].has_value());
  CHECK(s.ended[0]->from == s.well->peer().node());
  CHECK(s.ended[0]->contents.body == core::bytes{1});
  CHECK(s.ended[0]->path == std::vector{s.ring.self(), s.well->peer().node(), id(0x91), id(0x90)});
  CHECK(s.ended[0]->hops == 3);
  s.answered(s.well->peer(), message_layer::contents(code::ping_req + 1));
  CHECK(s.ended.size() == 1);
  CHECK(s.dropped("late_answer") == 1);
}

TEST_CASE("an answer of another node than was asked, or to another method, is dropped, and the right one still counts") {
  scene s;
  s.ask(destination::to_node(s.well->peer().node()));
  s.answered(s.suspect->peer(), message_layer::contents(code::ping_req + 1));
  CHECK(s.dropped("wrong_signer") == 1);
  s.answered(s.well->peer(), message_layer::contents(code::find_req + 1));
  s.answered(s.well->peer(), message_layer::contents(code::error, {1}));  // no ErrorResponse
  CHECK(s.dropped("malformed") == 2);
  CHECK(s.ended.empty());
  s.answered(s.well->peer(), message_layer::contents(code::ping_req + 1));
  CHECK(s.ended.size() == 1);
}

TEST_CASE("any node on the way may say that it can not pass a request on, and nothing else") {
  scene s;
  const auto stranger = s.issue(0x33).certificate;
  const auto to = destination::to_node(s.well->peer().node());
  for (const auto error : {error_code::ttl_exceeded, error_code::unsupported_forwarding_option, error_code::message_too_large}) {
    s.ask(to, code::find_req);
    s.answered(stranger, make_error(error));
    REQUIRE_FALSE(s.ended.empty());
    CHECK(s.ended.back()->from == id(0x33));
  }
  CHECK(s.ended.size() == 3);
  s.ask(to, code::find_req);
  for (const auto error : {error_code::forbidden, error_code::config_too_old, error_code::loop_detected})
    s.answered(stranger, make_error(error));
  CHECK(s.ended.size() == 3);
  CHECK(s.dropped("wrong_signer") == 3);
  s.ask(to);  // a diagnosis is told what is wrong with its way
  s.answered(stranger, make_error(error_code::loop_detected));
  CHECK(s.ended.size() == 4);
}

TEST_CASE("for a key another than its root is not believed, and is asked again soon") {
  scene s;
  const auto key = id(0x86, 1);  // its root is 86
  s.ask(destination::to_resource(key), code::find_req);
  REQUIRE(s.well->sent.size() == 1);
  s.answered(s.issue(0x20).certificate, message_layer::contents(code::find_req + 1));
  CHECK(s.dropped("wrong_root") == 1);
  CHECK(s.ended.empty());
  s.wait(99ms);
  CHECK(s.well->sent.size() == 1);
  s.wait(1ms);
  CHECK(s.well->sent.size() == 2);
  s.answered(s.well->peer(), message_layer::contents(code::find_req + 1));
  CHECK(s.ended.size() == 1);
}

TEST_CASE("who refuses a request for its configuration is asked again a little later, and somebody sees to the document") {
  scene s;
  s.ask(destination::to_node(s.well->peer().node()));
  s.answered(s.well->peer(), make_error(error_code::config_too_old));
  CHECK(s.up.differs == std::vector{true});
  CHECK(s.ended.empty());
  s.wait(249ms);
  CHECK(s.well->sent.size() == 1);
  s.wait(1ms);
  CHECK(s.well->sent.size() == 2);
  s.answered(s.well->peer(), make_error(error_code::config_too_new));
  CHECK(s.up.differs == std::vector{true, false});
}

TEST_CASE("a ConfigUpdate is of any configuration, all else of the node's own") {
  scene s;
  s.maker.set_configuration_sequence(9);
  const auto to = destination::to_node(s.well->peer().node());
  s.ask(to, code::config_update_req);
  CHECK(s.well->sent.back().header.configuration_sequence == any_sequence);
  s.ask(to);
  CHECK(s.well->sent.back().header.configuration_sequence == 9);
}

TEST_CASE("a request that nobody answers ends in time, and whoever did not answer on its own link is told of") {
  scene s;
  s.ask(destination::to_node(s.well->peer().node()), code::ping_req, {.link_only = true, .sends_max = 2}, 1500ms);
  s.wait(1s);
  CHECK(s.well->sent.size() == 2);
  CHECK(s.well->sent[0].header.transaction_id == s.well->sent[1].header.transaction_id);
  s.wait(500ms);
  REQUIRE(s.ended.size() == 1);
  REQUIRE_FALSE(s.ended[0].has_value());
  CHECK(s.ended[0].error() == errc::timed_out);
  CHECK(s.ended[0].error().detail() == "ping_req to " + s.well->peer().node().hex() + ", sent 2 times");
  CHECK(s.up.unanswered == std::vector{s.well->peer().node()});
  s.wait(1h);
  CHECK(s.ended.size() == 1);
}

TEST_CASE("an answer of this node to itself comes when what is due is done, not before") {
  scene s;
  s.ask(destination::to_node(s.ring.self()));
  REQUIRE(s.up.arrived.size() == 1);
  s.own.answer_locally(s.up.arrived[0].transaction_id, message_layer::contents(code::ping_req + 1));
  CHECK(s.ended.empty());
  CHECK(s.own.next_due() == core::time_point::min());
  s.own.run_due(s.world.now());
  REQUIRE(s.ended.size() == 1);
  CHECK(s.ended[0]->from == s.ring.self());
  CHECK(s.ended[0]->hops == 0);
}

TEST_CASE("what storage at this node is asked by itself is handed over as it is, neither signed nor sealed, and again while it waits") {
  scene s;
  const auto here = destination::to_resource(id(0x80, 1));  // its root is 80
  for (const auto code : {code::store_req, code::fetch_req, code::stat_req, code::find_req}) s.ask(here, code);
  REQUIRE(s.up.own.size() == 4);
  CHECK(s.up.arrived.empty());
  CHECK(s.up.own[1].second.code == code::fetch_req);
  CHECK(s.up.own[1].first.destinations == destination_list{here});
  s.own.answer_locally(s.up.own[1].first.transaction_id, message_layer::contents(code::fetch_req + 1));
  s.wait(1s);
  CHECK(s.ended.size() == 1);
  CHECK(s.up.own.size() == 7);
}

TEST_CASE("what waits at another root is sealed once, however often it is sent") {
  scene s;
  const auto key = id(0x86, 1);  // its root is 86
  s.ask(destination::to_resource(key), code::fetch_req);
  REQUIRE(s.well->sent.size() == 1);
  CHECK(s.up.own.empty());
  CHECK(message_layer::said(s.well->sent[0]).code == code::fetch_req);
  s.wait(1s);
  REQUIRE(s.well->sent.size() == 2);
  CHECK(s.well->sent[0].payload == s.well->sent[1].payload);
}

TEST_CASE("several are asked under one transaction, and each is heard once") {
  scene s;
  s.recover();
  std::vector<node_id> heard;
  s.own.ask_each({s.well->peer().node(), s.suspect->peer().node()}, message_layer::contents(code::ping_req), s.world.now() + 1500ms,
                 [&](const node_id& n, const core::result<answer>& a) {
                   heard.push_back(n);
                   CHECK(a.has_value() == (n == s.well->peer().node()));
                 });
  s.own.run_due(s.world.now());
  REQUIRE(s.suspect->sent.size() == 1);
  CHECK(s.suspect->sent[0].header.transaction_id == s.transaction());
  CHECK(s.suspect->sent[0].payload == s.well->sent[0].payload);
  s.answered(s.issue(0x44).certificate, message_layer::contents(code::ping_req + 1));
  CHECK(heard.empty());
  s.answered(s.well->peer(), message_layer::contents(code::ping_req + 1));
  CHECK(heard == std::vector{s.well->peer().node()});
  s.wait(2s);
  CHECK(heard == std::vector{s.well->peer().node(), s.suspect->peer().node()});
}

TEST_CASE("what is due is sent when it is due, never from inside the call that asks") {
  scene s;
  core::task_scope tasks(s.world.env());
  tasks.spawn(s.own.run());
  s.world.run_for(1s);
  s.own.ask({destination::to_node(s.well->peer().node())}, message_layer::contents(code::ping_req), s.world.now() + 10s, {}, {});
  CHECK(s.well->sent.empty());
  s.world.run_for(1ms);
  CHECK(s.well->sent.size() == 1);
  s.world.run_for(998ms);
  CHECK(s.well->sent.size() == 1);
  s.world.run_for(2ms);
  CHECK(s.well->sent.size() == 2);
  tasks.cancel();
  s.world.run(tasks.join());
}

TEST_CASE("a request is sent again at once when the hop is lost by which it went, and not for the sake of another") {
  scene s;
  s.ask(destination::to_resource(id(0x86, 1)), code::find_req);
  REQUIRE(s.well->sent.size() == 1);
  s.own.hurry(s.suspect->peer().node());
  s.wait(1ms);
  CHECK(s.well->sent.size() == 1);
  s.own.hurry(s.well->peer().node());
  s.wait(1ms);
  CHECK(s.well->sent.size() == 2);
}

TEST_CASE("what waits when the node stops ends at once") {
  scene s;
  s.ask(destination::to_node(s.well->peer().node()));
  s.ask(destination::to_node(s.well->peer().node()));
  s.own.stop();
  REQUIRE(s.ended.size() == 2);
  CHECK(s.ended[1].error() == errc::not_joined);
  CHECK(s.own.next_due() > s.world.now());
}

}  // namespace requester_test
