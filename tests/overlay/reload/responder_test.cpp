#include "reload/responder.hpp"

#include <doctest.h>

#include "overlay/support/message_layer.hpp"

namespace responder_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : message_layer {
  // A request of 86 by its own link, or one that has come through 90.
  void ask(std::uint16_t code, std::uint64_t transaction = 7, std::vector<forwarding_option> options = {}, destination_list via = {}) {
    auto h = header(destination::to_node(ring.self()), transaction);
    h.via = std::move(via);
    h.options = std::move(options);
    h.max_response_length = max_response;
    opened_payload p;
    p.contents = contents(code, {1, 2});
    answers.on_request(h, p, well->peer(), well->peer().node(), well.get());
  }
  void respond(message_contents m) { answers.respond(up.asked.back(), std::move(m)); }

  std::uint32_t max_response = 0;
  responder answers{world.env(), 65'536, links, maker, router, own, up};
};

}  // namespace

TEST_CASE("a request is handed on with what its answer needs, and answered by the link that it came by") {
  scene s;
  s.ask(code::store_req, 7, {{3, forwarding_option::response_copy, {9}}});
  REQUIRE(s.up.asked.size() == 1);
  const auto& r = s.up.asked[0];
  CHECK(r.direct);
  CHECK(r.signer == s.well->peer());
  CHECK(r.return_path == destination_list{destination::to_node(s.well->peer().node())});
  CHECK(r.contents.body == core::bytes{1, 2});
  CHECK_FALSE(r.resource.has_value());
  CHECK(answer_to(r, {5}).code == code::store_req + 1);
  s.respond(answer_to(r, {5}));
  REQUIRE(s.well->sent.size() == 1);
  CHECK(s.well->sent[0].header.transaction_id == 7);
  CHECK(s.well->sent[0].header.options == std::vector<forwarding_option>{{3, 0, {9}}});
  CHECK(message_layer::said(s.well->sent[0]).body == core::bytes{5});
}

TEST_CASE("a request that came through others is answered the way that it came") {
  scene s;
  s.ask(code::store_req, 7, {}, {destination::to_node(id(0x91)), destination::to_node(id(0x92))});
  REQUIRE(s.up.asked.size() == 1);
  CHECK_FALSE(s.up.asked[0].direct);
  s.respond(answer_to(s.up.asked[0]));
  REQUIRE(s.well->sent.size() == 1);
  CHECK(s.well->sent[0].header.destinations ==
        destination_list{destination::to_node(s.well->peer().node()), destination::to_node(id(0x92)), destination::to_node(id(0x91))});
}

TEST_CASE("a repeated request is handed on once: it is not answered before its answer is made, and the same octets after") {
  scene s;
  s.ask(code::store_req);
  s.ask(code::store_req);
  CHECK(s.up.asked.size() == 1);
  CHECK(s.well->sent.empty());
  s.respond(answer_to(s.up.asked[0], {5}));
  s.ask(code::store_req);
  CHECK(s.up.asked.size() == 1);
  REQUIRE(s.well->sent.size() == 2);
  CHECK(s.well->sent[1].payload == s.well->sent[0].payload);
  s.ask(code::store_req, 8);
  CHECK(s.up.asked.size() == 2);
  s.world.run_for(answer_cache::lifetime);
  s.ask(code::store_req);
  CHECK(s.up.asked.size() == 3);
}

TEST_CASE("what is answered alike each time is not remembered") {
  scene s;
  for (const auto c :
       {code::fetch_req, code::stat_req, code::find_req, code::ping_req, code::probe_req, code::route_query_req, code::path_track_req}) {
    const auto before = s.up.asked.size();
    s.ask(c);
    s.ask(c);
    CHECK(s.up.asked.size() == before + 2);
    CHECK_FALSE(s.up.asked.back().remember);
  }
}

TEST_CASE("an option that this node would have to know is refused, and so are more to be copied than an answer has room for") {
  scene s;
  s.ask(code::store_req, 1, {{3, forwarding_option::destination_critical, {}}});
  REQUIRE(s.well->sent.size() == 1);
  CHECK(message_layer::error_of(s.well->sent[0]) == error_code::unsupported_forwarding_option);
  s.ask(code::store_req, 2, {{3, forwarding_option::response_copy, core::bytes(1021)}});
  REQUIRE(s.well->sent.size() == 2);
  CHECK(message_layer::error_of(s.well->sent[1]) == error_code::invalid_message);
  CHECK(s.well->sent[1].header.options.empty());
  CHECK(s.up.asked.empty());
  s.ask(code::store_req, 3, {{3, forwarding_option::response_copy, core::bytes(1020)}, {4, 0, core::bytes(5000)}});
  CHECK(s.up.asked.size() == 1);
}

TEST_CASE("an answer that is longer than its asker or the overlay takes is an error that says so") {
  scene s;
  s.max_response = 1000;
  s.ask(code::fetch_req);
  s.respond(answer_to(s.up.asked[0], core::bytes(1000)));
  REQUIRE(s.well->sent.size() == 1);
  CHECK(message_layer::error_of(s.well->sent[0]) == error_code::response_too_large);
  s.max_response = 0;
  s.ask(code::fetch_req);
  s.respond(answer_to(s.up.asked[1], core::bytes(1000)));
  REQUIRE(s.well->sent.size() == 2);
  CHECK(message_layer::error_of(s.well->sent[1]) == 0);
  s.ask(code::fetch_req);
  s.respond(answer_to(s.up.asked[2], core::bytes(62'000)));
  REQUIRE(s.well->sent.size() == 3);
  CHECK(message_layer::error_of(s.well->sent[2]) == error_code::response_too_large);
}

TEST_CASE("a direct request by another link than the one that is preferred is answered by its own") {
  scene s;
  const auto second = std::make_shared<noting_link>(s.world, s.well->peer());
  s.world.run_for(1s);
  s.links.add(second, true, s.world.now());  // the newer one is preferred
  REQUIRE(s.links.to(s.well->peer().node()) == second.get());
  s.ask(code::store_req);
  s.respond(answer_to(s.up.asked[0]));
  CHECK(s.well->sent.size() == 1);
  CHECK(second->sent.empty());
}

}  // namespace responder_test
