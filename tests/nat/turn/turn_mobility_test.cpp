// RFC 8016: an allocation follows its client.
#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_mobility_test {

using namespace turn_bench;

namespace {

const auto peer = at("8.8.8.8:7000");

fill ticket(const core::bytes& t) {
  return [t](stun::message_writer& w) { w.add(type::mobility_ticket, t); };
}

core::bytes ticket_of(const answer& a) { return core::to_bytes(a.view().find(type::mobility_ticket).value()); }

}  // namespace

TEST_CASE("a client that has moved brings its ticket, is heard at both places, and then at the new one") {
  bench b;
  const auto first = b.allocate(ticket({}));
  REQUIRE(first.success());
  REQUIRE(b.permit(peer).success());
  const auto old_place = b.client;
  b.client.client = at("203.0.113.5:6000");
  const auto moved = b.ask(stun::method::refresh, ticket(ticket_of(first)));
  REQUIRE(moved.success());
  CHECK(ticket_of(moved) != ticket_of(first));
  const auto relay = b.done.open.begin()->first;
  b.done.answers.clear();
  b.server.on_peer(relay, peer, core::as_bytes("x"), b.now);
  CHECK(b.done.answers.at(0).to == old_place);
  b.send(peer, "here");
  CHECK(b.done.relayed.size() == 1);
  b.server.on_peer(relay, peer, core::as_bytes("x"), b.now);
  CHECK(b.done.answers.at(0).to == b.client);
  b.client = old_place;
  b.send(peer, "there");
  CHECK(b.done.relayed.size() == 1);
}

TEST_CASE("a Refresh whose answer was lost may bring the old ticket again, from the new place alone") {
  bench b;
  const auto first = b.allocate(ticket({}));
  b.client.client = at("203.0.113.5:6000");
  REQUIRE(b.ask(stun::method::refresh, ticket(ticket_of(first))).success());
  CHECK(b.ask(stun::method::refresh, ticket(ticket_of(first))).success());
  b.client.client = at("203.0.113.5:6001");
  CHECK(b.ask(stun::method::refresh, ticket(ticket_of(first))).code() == 400);
  CHECK(b.server.allocations() == 1);
}

TEST_CASE("tickets are good for their user, their allocation and another place only") {
  bench b;
  const auto first = b.allocate(ticket({}));
  CHECK(b.ask(stun::method::refresh, ticket(ticket_of(first))).code() == 400);  // the same place
  b.client.client = at("203.0.113.5:6000");
  b.user = "bob";
  CHECK(b.ask(stun::method::refresh, ticket(ticket_of(first))).code() == 441);
  b.user = "alice";
  auto forged = ticket_of(first);
  forged[3] ^= 1;
  CHECK(b.ask(stun::method::refresh, ticket(forged)).code() == 400);
  CHECK(b.ask(stun::method::refresh, ticket({})).code() == 400);
  b.server.at(b.now + 600s);
  CHECK(b.ask(stun::method::refresh, ticket(ticket_of(first))).code() == 437);
}

TEST_CASE("a place that has an allocation takes no other") {
  bench b;
  const auto first = b.allocate(ticket({}));
  b.client.client = at("203.0.113.5:6000");
  REQUIRE(b.allocate().success());
  CHECK(b.ask(stun::method::refresh, ticket(ticket_of(first))).code() == 437);
}

TEST_CASE("mobility that is forbidden: 405") {
  auto s = settings();
  s.mobility = false;
  bench b(s);
  CHECK(b.allocate(ticket({})).code() == 405);
  REQUIRE(b.allocate().success());
  CHECK(b.ask(stun::method::refresh, ticket({1})).code() == 405);
}

TEST_CASE("an allocation with a ticket outlives its stream, and expires") {
  bench b;
  b.client.transport = nat::client_transport::tls;
  const auto first = b.allocate(ticket({}));
  b.server.on_client_gone(b.client);
  CHECK(b.server.allocations() == 1);
  b.client.client = at("203.0.113.5:6000");
  CHECK(b.ask(stun::method::refresh, ticket(ticket_of(first))).success());
  b.server.at(b.now + 600s);
  CHECK(b.server.allocations() == 0);
}

}  // namespace turn_mobility_test
