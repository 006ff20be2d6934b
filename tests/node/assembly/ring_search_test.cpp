#include "assembly/ring_search.hpp"

#include <doctest.h>

#include <algorithm>

namespace ring_search_test {

using namespace phyllo;

namespace {

transport::endpoint at(unsigned i) { return {asio::ip::make_address("192.0.2." + std::to_string(i)), 6084}; }

std::vector<transport::endpoint> many(unsigned first, unsigned last) {
  std::vector<transport::endpoint> out;
  for (unsigned i = first; i <= last; ++i) out.push_back(at(i));
  return out;
}

identity::node_id id(std::uint8_t n) {
  identity::node_id out;
  out.octets.back() = n;
  return out;
}

}  // namespace

TEST_CASE("however many places are remembered, the document's, the local network's and the lists' are tried among the first") {
  const node::places_said said{.document = {at(201)}, .remembered = many(1, 64), .discovered = {at(202)}, .listed = {at(203), at(204)}};
  const auto tried = node::places_to_try(said, at(99));
  CHECK(tried.size() == 68);
  for (const unsigned asked : {201U, 202U, 203U, 204U}) CHECK(std::ranges::find(tried, at(asked)) - tried.begin() < 8);
}

TEST_CASE("a node is no place of another, whoever names it") {
  const node::places_said said{.document = {at(1)}, .remembered = {at(1), at(2)}, .discovered = {at(1)}, .listed = {at(1)}};
  CHECK(node::places_to_try(said, at(1)) == std::vector{at(2)});
}

TEST_CASE("members are those who route: the leaf set and the routing table, and nobody else who is linked") {
  overlay::peer_status s;
  s.leaf_set.left = {id(1), id(2)};
  s.leaf_set.right = {id(2), id(3)};
  s.routing_table.push_back({0, 4, id(4), 0});
  s.links.push_back({.node = id(5), .address = at(5), .listens = {}});
  CHECK(node::leaf_set_of(s) == std::set{id(1), id(2), id(3)});
  CHECK(node::members_of(s) == std::set{id(1), id(2), id(3), id(4)});
}

TEST_CASE("who is linked already is no other part of the ring, by whichever of its addresses it is named") {
  overlay::peer_status s;
  s.links.push_back({.node = id(1), .address = at(1), .listens = {at(2), at(3)}});
  CHECK(node::without_linked(many(1, 5), s) == many(4, 5));
  CHECK(node::without_linked(many(1, 3), s).empty());
}

TEST_CASE("the first node starts a ring only where nothing says that others are or were part of the overlay") {
  const auto by = [](node::places_said said) { return node::signs_of_others{false, false, node::places_to_try(said, at(1))}; };
  CHECK_FALSE(node::why_no_new_ring({}).has_value());
  CHECK_FALSE(node::why_no_new_ring(by({.document = {at(1)}, .remembered = {}, .discovered = {}, .listed = {}})).has_value());
  CHECK(node::why_no_new_ring(by({.document = {at(1), at(2)}, .remembered = {}, .discovered = {}, .listed = {}})) ==
        "others are known, such as 192.0.2.2:6084");
  CHECK(node::why_no_new_ring(by({.document = {at(1)}, .remembered = {}, .discovered = {at(3)}, .listed = {}})) ==
        "others are known, such as 192.0.2.3:6084");
  CHECK(node::why_no_new_ring(by({.document = {}, .remembered = {at(4)}, .discovered = {}, .listed = {}})).has_value());
  CHECK(node::why_no_new_ring({true, false, {}}) == "this node has been in the ring before");
  CHECK(node::why_no_new_ring({false, true, {}}) == "there are records of an earlier time");
}

TEST_CASE("an ordinary node that hangs on no supernode is not in the ring, says so, and looks for others") {
  overlay::peer_status s;
  s.client = true;
  s.state = overlay::peer_state::ready;
  s.known_places = many(1, 16);
  CHECK(node::is_cut_off(s));
  CHECK(node::why_out_of_ring(s) == "attached to no supernode; it looks for others");
  s.attachments = {id(1)};
  CHECK_FALSE(node::is_cut_off(s));
  CHECK_FALSE(node::why_out_of_ring(s).has_value());
}

TEST_CASE("a supernode that has left the ring for its clock's sake says that") {
  overlay::peer_status s;
  s.state = overlay::peer_state::joining;
  CHECK(node::why_out_of_ring(s) == "it has left the ring, and joins again");
  s.clock = "the clock of this node is 3 h 0 min behind";
  CHECK(node::why_out_of_ring(s) == s.clock);
  s.state = overlay::peer_state::ready;
  CHECK_FALSE(node::why_out_of_ring(s).has_value());
}

}  // namespace ring_search_test
