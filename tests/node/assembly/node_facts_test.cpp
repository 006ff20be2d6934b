#include "assembly/node_facts.hpp"

#include <doctest.h>

namespace node_facts_test {

using namespace phyllo;
using node::node_state;

namespace {

// Of a node that is in the ring and lacks nothing.
node::node_facts good() {
  node::node_facts f;
  f.state = node_state::ready;
  f.ring.state = overlay::peer_state::ready;
  return f;
}

node::health probed() { return {true, {{"reason", ""}}}; }

std::string reason(const node::node_facts& f) { return node::health_of(f, probed()).report["reason"].get<std::string>(); }

}  // namespace

TEST_CASE("a node of the ring that lacks nothing is ready, and as healthy as its last probe") {
  const auto v = node::verdict_of(good());
  CHECK(v.state == node_state::ready);
  CHECK(v.reason.empty());
  const auto h = node::health_of(good(), probed());
  CHECK(h.good);
  CHECK(h.report["state"] == "ready");
  CHECK(h.report["alone"] == false);
  CHECK_FALSE(node::health_of(good(), {}).good);
}

TEST_CASE("a node that lacks what it is to serve is degraded, and says what it lacks") {
  auto f = good();
  f.lack = "the key of example.com has not come";
  const auto v = node::verdict_of(f);
  CHECK(v.state == node_state::degraded);
  CHECK(v.reason == *f.lack);
  const auto h = node::health_of(f, probed());
  CHECK_FALSE(h.good);
  CHECK(h.report["reason"] == *f.lack);
  CHECK(h.report["state"] == "degraded");
}

TEST_CASE("a node that has left the ring joins again, by its state, and is not healthy") {
  auto f = good();
  f.ring.state = overlay::peer_state::joining;
  CHECK(node::verdict_of(f).state == node_state::joining);
  CHECK(node::verdict_of(f).reason == "it has left the ring, and joins again");
  CHECK_FALSE(node::health_of(f, probed()).good);
}

TEST_CASE("a node that joins says whom it waits for rather than what its last attempt failed by") {
  auto f = good();
  f.state = node_state::joining;
  f.waiting_for = "joining the overlay: refused";
  CHECK(node::verdict_of(f).reason == f.waiting_for);
  f.ring.waits_for = "two of three members";
  CHECK(node::verdict_of(f).reason == "joining the overlay: two of three members");
  CHECK(reason(f) == "joining the overlay: two of three members");
  CHECK_FALSE(node::health_of(f, {}).report.contains("alone"));
}

TEST_CASE("a node is alone without fault, unless others are known") {
  auto f = good();
  f.alone = true;
  CHECK(node::health_of(f, probed()).good);
  CHECK(node::health_of(f, probed()).report["alone"] == true);
  f.lost_others = true;
  CHECK_FALSE(node::health_of(f, probed()).good);
}

TEST_CASE("a node that drains says that, and no longer what it lacks") {
  auto f = good();
  f.state = node_state::draining;
  f.lack = "a key";
  CHECK(node::verdict_of(f).reason.empty());
  CHECK(reason(f) == "draining");
}

TEST_CASE("a disk that can not be written is graver than all else") {
  auto f = good();
  f.lack = "a key";
  f.disk = "no space left";
  CHECK_FALSE(node::health_of(f, probed()).good);
  CHECK(reason(f) == "what is to be kept is not written: no space left");
}

TEST_CASE("a clock that is wrong is told at any time") {
  auto f = good();
  f.state = node_state::joining;
  f.ring.clock = "3 h behind";
  CHECK(node::health_of(f, {}).report["clock"] == "3 h behind");
}

}  // namespace node_facts_test
