#include "pastry/pastry_seeker.hpp"

#include <doctest.h>

#include "overlay/support/pastry_node.hpp"

namespace pastry_seeker_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

// Takes links.
struct taker final : transport::link_acceptor {
  void on_link(std::shared_ptr<transport::link> l) override { links.push_back(std::move(l)); }
  std::vector<std::shared_ptr<transport::link>> links;
};

}  // namespace

TEST_CASE("an active node dials where another part of the overlay may be; one that is not active has no part of its own") {
  for (const bool active : {true, false}) {
    auto o = pastry_node::options();
    o.first = active;
    pastry_node s(o);
    auto& there = s.network.add(s.members.issue("node@example.org", id(0x20)).certificate);
    taker t;
    there.accept(&t);
    s.plugin.seek({simulated_network::candidate(there.index())});
    for (int i = 0; i < 10; ++i) s.wait(100ms);
    CHECK(t.links.size() == (active ? 1 : 0));
    there.accept(nullptr);
  }
}

TEST_CASE("where a node was that is lost is tried before long") {
  pastry_node s;
  auto& there = s.network.add(s.members.issue("node@example.org", id(0x85)).certificate);
  const auto lost = s.meet_member(0x85);
  s.plugin.links().learn_places(lost.id(), {simulated_network::candidate(there.index())});
  s.plugin.hears().on_overdue(lost.id());
  for (int i = 0; i < 30; ++i) s.wait(100ms);
  REQUIRE(s.plugin.knows().has_failed(lost.id()));
  s.links.remove(*lost.link);
  taker t;
  there.accept(&t);
  for (int i = 0; i < 30; ++i) s.wait(1s);
  CHECK_FALSE(t.links.empty());
  there.accept(nullptr);
}

}  // namespace pastry_seeker_test
