#include "files/known_peers.hpp"

#include <doctest.h>

#include <algorithm>

#include "assembly/ring_search.hpp"
#include "support/temporary_directory.hpp"

namespace known_peers_test {

using namespace phyllo;

namespace {

identity::node_id id_of(unsigned i) {
  identity::node_id id;
  id.octets[0] = static_cast<std::uint8_t>(i);
  id.octets[15] = 1;
  return id;
}

transport::endpoint at(unsigned i) { return {asio::ip::make_address("192.0.2." + std::to_string(i)), 6084}; }

overlay::peer_status::link_entry link_from(unsigned i) {
  overlay::peer_status::link_entry l;
  l.node = id_of(i);
  l.address = {at(i).address, 40000};
  return l;
}

// Linked to the supernodes first .. last, all of them in its table.
overlay::peer_status linked(unsigned first, unsigned last) {
  overlay::peer_status s;
  for (unsigned i = first; i <= last; ++i) {
    s.routing_table.push_back({0, 0, id_of(i), 0});
    s.links.push_back(link_from(i));
  }
  return s;
}

bool contains(const std::vector<transport::endpoint>& all, const transport::endpoint& e) { return std::ranges::find(all, e) != all.end(); }

}  // namespace

TEST_CASE("supernodes are kept, ordinary nodes that hang on this one are not") {
  auto s = linked(1, 3);
  s.links.push_back(link_from(9));
  const auto kept = node::merge_known_peers({}, s, 6084);
  CHECK(kept.size() == 3);
  CHECK_FALSE(contains(kept, at(9)));
}

TEST_CASE("where a node has said that it listens counts more than where its link comes from") {
  auto s = linked(1, 1);
  s.links.front().listens = {{at(1).address, 7000}};
  CHECK(node::merge_known_peers({}, s, 6084) == std::vector<transport::endpoint>{{at(1).address, 7000}});
}

TEST_CASE("during a split nothing is forgotten, and who is longest known stands first") {
  const auto before = node::merge_known_peers({}, linked(1, 10), 6084);
  const auto split = node::merge_known_peers(before, linked(8, 12), 6084);
  CHECK(split.size() == 12);
  CHECK(split.front() == at(8));
  CHECK(node::merge_known_peers(split, {}, 6084) == split);
}

TEST_CASE("of those that are reached the longest known stand first, wherever they stand in the ring, and new ones last") {
  const std::vector known{at(10), at(9), at(20)};
  const std::vector wanted{at(10), at(9), at(8), at(11), at(12), at(20)};
  CHECK(node::merge_known_peers(known, linked(8, 12), 6084) == wanted);
}

TEST_CASE("of many those spread over the ring are kept, with room for those out of reach") {
  std::vector<transport::endpoint> gone;
  for (unsigned i = 201; i <= 230; ++i) gone.push_back(at(i));
  const auto kept = node::merge_known_peers(gone, linked(1, 192), 6084);
  REQUIRE(kept.size() == 64);
  CHECK(std::ranges::count_if(kept, [&](const auto& e) { return contains(gone, e); }) == 16);
  for (unsigned quarter = 0; quarter < 4; ++quarter) {
    const auto of_it = [&](const transport::endpoint& e) {
      const unsigned last = e.address.to_v4().to_bytes()[3];
      return last > quarter * 48 && last <= (quarter + 1) * 48;
    };
    CHECK(std::ranges::count_if(kept, of_it) == 12);
  }
}

TEST_CASE("an ordinary node keeps on disk all the places that it knows, and has them after a restart, also when it has lost all") {
  const testing::temporary_directory directory;
  node::configuration c;
  c.node.data_directory = directory.path();
  overlay::peer_status s;
  s.client = true;
  for (unsigned i = 1; i <= 3; ++i) {
    s.attachments.push_back(id_of(i));
    s.links.push_back(link_from(i));
  }
  for (unsigned i = 2; i <= 17; ++i) s.known_places.push_back(at(i));
  REQUIRE(node::save_known_peers(c, s));
  for (int starts = 0; starts < 2; ++starts) {
    const auto known = node::load_known_peers(c);
    CHECK(known.size() == 17);
    for (unsigned i = 1; i <= 17; ++i) CHECK(contains(known, at(i)));
    const auto tried = node::places_to_try({.document = {}, .remembered = known, .discovered = {}, .listed = {}}, at(99));
    CHECK(node::candidates_of(c, tried).size() == 34);
    overlay::peer_status cut_off;
    cut_off.client = true;
    REQUIRE(node::save_known_peers(c, cut_off));
  }
}

}  // namespace known_peers_test
