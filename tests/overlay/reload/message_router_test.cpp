#include "reload/message_router.hpp"

#include <doctest.h>

#include "overlay/support/message_layer.hpp"

namespace message_router_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : message_layer {
  // A Ping to there arrives by the link of 90, or is this node's own.
  void route(destination to, const std::optional<node_id>& from = id(0x90)) { route(header(std::move(to)), from); }
  void route(forwarding_header h, const std::optional<node_id>& from = id(0x90), std::uint16_t code = code::find_req) {
    router.route(std::move(h), payload(contents(code)), from);
  }
  // Linked, and an active peer.
  std::shared_ptr<noting_link> meet(std::uint8_t first) {
    auto l = neighbour(first);
    links.add(l, true, world.now());
    auto& r = ring.record(l->peer().node());
    r.peer = r.active = r.admitted = r.link.open = true;
    ring.enter(l->peer().node());
    return l;
  }
  [[nodiscard]] destination to_well() const { return destination::to_node(well->peer().node()); }
};

}  // namespace

TEST_CASE("what is for this node arrives, also by way of itself, and what is for whoever gets it") {
  scene s;
  s.route(destination::to_node(s.ring.self()));
  s.route(destination::to_resource(s.ring.self()));
  node_id ones;
  ones.octets.fill(0xff);
  s.route(destination::to_node(ones));
  auto by_way = s.header(destination::to_node(s.ring.self()));
  by_way.destinations.push_back(destination::to_resource(id(0x80, 1)));
  s.route(by_way);
  REQUIRE(s.up.arrived.size() == 4);
  CHECK(s.up.arrived[3].destinations == destination_list{destination::to_resource(id(0x80, 1))});
}

TEST_CASE("whoever sends hears which hop it went to, and of what goes nowhere that it went to none") {
  scene s;
  const auto ping = s.payload(message_layer::contents(code::ping_req));
  CHECK(s.router.route(s.header(s.to_well()), ping, std::nullopt) == s.well->peer().node());
  const auto suspect = s.suspect->peer().node();
  CHECK(s.router.route(s.header(destination::to_node(suspect)), ping, std::nullopt) == s.well->peer().node());
  CHECK(s.router.route(s.header(destination::to_node(suspect)), ping, std::nullopt, true) == suspect);
  CHECK_FALSE(s.router.route(s.header(destination::to_node(s.ring.self())), ping, std::nullopt).has_value());
  CHECK_FALSE(s.router.route(s.header(destination::to_node(id(0x20))), ping, std::nullopt, true).has_value());
}

TEST_CASE("what is passed on has one hop less to live, and the hop that it came from in its via list; this node's own has neither") {
  scene s;
  s.route(s.to_well());
  REQUIRE(s.well->sent.size() == 1);
  CHECK(s.well->sent[0].header.ttl == 29);
  CHECK(s.well->sent[0].header.via == destination_list{destination::to_node(id(0x90))});
  s.route(s.to_well(), std::nullopt);
  REQUIRE(s.well->sent.size() == 2);
  CHECK(s.well->sent[1].header.ttl == 30);
  CHECK(s.well->sent[1].header.via.empty());
}

TEST_CASE("a message at the end of its hops, or with an option that this node does not know, is refused by an error the way it came") {
  scene s;
  const auto back = s.meet(0x90);
  auto spent = s.header(s.to_well());
  spent.ttl = 0;
  s.route(spent);
  CHECK(s.dropped("ttl") == 1);
  REQUIRE(back->sent.size() == 1);
  CHECK(message_layer::error_of(back->sent[0]) == error_code::ttl_exceeded);
  CHECK(back->sent[0].header.transaction_id == spent.transaction_id);
  auto critical = s.header(s.to_well());
  critical.options = {{7, forwarding_option::forward_critical, {}}};
  s.route(critical);
  REQUIRE(back->sent.size() == 2);
  CHECK(message_layer::error_of(back->sent[1]) == error_code::unsupported_forwarding_option);
  auto harmless = s.header(s.to_well());
  harmless.options = {{7, forwarding_option::destination_critical, {}}};
  s.route(harmless);
  CHECK(s.well->sent.size() == 1);
}

TEST_CASE("an answer that can not be passed on is dropped without a word") {
  scene s;
  const auto back = s.meet(0x90);
  auto spent = s.header(s.to_well());
  spent.ttl = 0;
  s.route(spent, id(0x90), code::find_req + 1);
  CHECK(back->sent.empty());
  CHECK(s.dropped("ttl") == 1);
}

TEST_CASE("a via list grows to 128 entries, and no further") {
  scene s;
  auto h = s.header(s.to_well());
  h.via.assign(destinations_max - 1, destination::to_node(id(0x91)));
  s.route(h);
  CHECK(s.well->sent.size() == 1);
  h.via.push_back(destination::to_node(id(0x91)));
  s.route(h);
  CHECK(s.well->sent.size() == 1);
  CHECK(s.dropped("ttl") == 1);
}

TEST_CASE("a node that forwards for nobody sends its own messages only") {
  scene s;
  message_router of_client(s.world.env(), false, s.ring, s.links, s.maker, s.counters, s.up);
  of_client.route(s.header(s.to_well()), s.payload(message_layer::contents(code::find_req)), id(0x90));
  CHECK(s.well->sent.empty());
  CHECK(s.dropped("not_a_peer") == 1);
  of_client.route(s.header(s.to_well()), s.payload(message_layer::contents(code::find_req)), std::nullopt);
  CHECK(s.well->sent.size() == 1);
}

TEST_CASE("an opaque destination is for nobody here, and one that nobody has is dropped") {
  scene s;
  s.route(destination{destination_type::opaque, {}, {1, 2}});
  CHECK(s.dropped("opaque_destination") == 1);
  s.route(destination::to_node(id(0x80, 1)));
  CHECK(s.dropped("no_route") == 1);
  CHECK(s.up.arrived.empty());
}

TEST_CASE("an answer passes over a node on its way that is gone, where it knows the next") {
  scene s;
  auto h = s.header(destination::to_node(id(0x55)));
  h.destinations.push_back(s.to_well());
  s.route(h, id(0x90), code::find_req + 1);
  REQUIRE(s.well->sent.size() == 1);
  CHECK(s.well->sent[0].header.destinations == destination_list{s.to_well()});
}

TEST_CASE("what a suspect may be root of is held until that is known, and then goes its way") {
  scene s;
  const auto key = destination::to_resource(id(0x85, 1));
  s.ring.leafs.erase(s.well->peer().node());
  s.ring.record(s.well->peer().node()).active = false;
  s.route(key);
  CHECK(s.up.held == 1);
  CHECK(s.router.held_until() > s.world.now());
  s.router.release_held();
  CHECK(s.suspect->sent.empty());
  s.recover();
  s.router.release_held();
  REQUIRE(s.suspect->sent.size() == 1);
  CHECK(s.suspect->sent[0].header.via == destination_list{destination::to_node(id(0x90))});
  CHECK(s.router.held_until() == core::time_point::max());
}

TEST_CASE("a copy is kept until its ACK; of a link that has closed it goes another way, without a second hop") {
  scene s;
  s.recover();
  s.route(destination::to_resource(id(0x86, 1)));
  REQUIRE(s.well->sent.size() == 1);
  s.router.forget(s.well->sent[0].token);
  CHECK(s.router.take_kept(*s.well).empty());
  s.route(destination::to_resource(id(0x86, 1)));
  auto left = s.router.take_kept(*s.well);
  REQUIRE(left.size() == 1);
  const auto n = s.well->peer().node();
  s.ring.record(n).link.open = false;
  s.router.detour_all(std::move(left), n, core::error(errc::unreachable, "x"));
  REQUIRE(s.suspect->sent.size() == 1);
  CHECK(s.suspect->sent[0].header.ttl == 29);
  CHECK(s.suspect->sent[0].header.via.size() == 1);
}

}  // namespace message_router_test
