// Which of the nodes that others name are worth a link.
#include "pastry/table_candidates.hpp"

#include <doctest.h>

namespace table_candidates_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;

namespace {

node_id at(std::uint8_t first) {
  node_id id;
  id.octets[0] = first;
  id.octets[15] = 1;
  return id;
}

}  // namespace

TEST_CASE("of each slot the two candidates that should be nearest are kept, and taken in order; of unknown ones the first") {
  table_candidates c(1);
  const auto teller = at(0xff);
  for (const auto ms : {70, 0, 30, 50}) c.offer({at(static_cast<std::uint8_t>(0x10 + ms / 10)), teller, {0, 1}, ms * 1ms, {}});
  c.offer({at(0x20), teller, {0, 2}, {}, {}});
  c.offer({at(0x21), teller, {0, 2}, {}, {}});
  c.offer({at(0x22), teller, {0, 2}, {}, {}});
  std::vector<node_id> taken;
  while (const auto n = c.take()) {
    taken.push_back(n->node);
    c.tried(n->node);
  }
  CHECK(taken == std::vector{at(0x13), at(0x15), at(0x20), at(0x21)});
}

TEST_CASE("of one slot one candidate is out at a time: the next may not be worth a link any more when the first has answered") {
  table_candidates c(1);
  const auto teller = at(0xff);
  c.offer({at(0x10), teller, {0, 1}, 10ms, {}});
  c.offer({at(0x11), teller, {0, 1}, 20ms, {}});
  c.offer({at(0x20), teller, {0, 2}, 30ms, {}});
  CHECK(c.take()->node == at(0x10));
  CHECK(c.take()->node == at(0x20));
  CHECK_FALSE(c.ready());
  CHECK_FALSE(c.take());
  c.tried(at(0x20));
  CHECK_FALSE(c.take());
  CHECK_FALSE(c.done());
  c.tried(at(0x10));
  CHECK(c.ready());
  CHECK(c.take()->node == at(0x11));
  CHECK_FALSE(c.done());
  c.tried(at(0x11));
  CHECK(c.done());
}

TEST_CASE("a candidate that two nodes name is kept once, with the better estimate") {
  table_candidates c(1);
  c.offer({at(0x10), at(1), {0, 1}, 50ms, {}});
  c.offer({at(0x10), at(2), {0, 1}, 20ms, {}});
  c.offer({at(0x10), at(3), {0, 1}, 40ms, {}});
  CHECK(c.size() == 1);
  const auto taken = c.take();
  CHECK(taken->named_by == at(2));
  CHECK(taken->estimate == 20ms);
}

TEST_CASE("an estimate is the longer of both ways, and unknown when one of them is") {
  CHECK(estimate_rtt(5ms, 30ms) == 30ms);
  CHECK(estimate_rtt(30ms, 5ms) == 30ms);
  CHECK(estimate_rtt(0ms, 5ms) == 0ms);
  CHECK(estimate_rtt(5ms, 0ms) == 0ms);
}

}  // namespace table_candidates_test
