#include "../../src/enrollment/login_queue.hpp"

#include <doctest.h>

#include <vector>

namespace login_queue_test {

using namespace phyllo::enrollment;
using lane = login_queue::lane;

namespace {

login_queue::ticket enter(login_queue& q, lane l, std::uint64_t prefix) { return q.enter(l, prefix).mine.value(); }

std::vector<login_queue::ticket> all(login_queue& q) {
  std::vector<login_queue::ticket> out;
  while (const auto t = q.next()) out.push_back(*t);  // ends when nobody waits
  return out;
}

}  // namespace

TEST_CASE("networks take turns, however many wait of one") {
  login_queue q;
  const auto first = enter(q, lane::suspect, 1);
  const auto second = enter(q, lane::suspect, 1);
  const auto third = enter(q, lane::suspect, 1);
  const auto other = enter(q, lane::suspect, 2);
  CHECK(all(q) == std::vector{first, other, second, third});
  CHECK(q.waiting() == 0);
}

TEST_CASE("who has proven himself goes before who is clean, and that one before who is suspect") {
  login_queue q;
  const auto suspect = enter(q, lane::suspect, 1);
  const auto clean = enter(q, lane::clean, 2);
  const auto proven = enter(q, lane::proven, 3);
  CHECK(all(q) == std::vector{proven, clean, suspect});
}

TEST_CASE("a clean network that comes goes before those that wait: a flood of new ones does not make it wait for all of them") {
  login_queue q;
  for (std::uint64_t p = 1; p <= 90; ++p) enter(q, lane::clean, p);
  const auto honest = enter(q, lane::clean, 1000);
  CHECK(q.next() == honest);
}

TEST_CASE("no lane starves: after three others it is its turn") {
  login_queue q;
  const auto suspect = enter(q, lane::suspect, 1);
  for (std::uint64_t p = 0; p < 10; ++p) enter(q, lane::proven, p);
  for (int i = 0; i < 3; ++i) CHECK(q.next() != suspect);
  CHECK(q.next() == suspect);
}

TEST_CASE("one network has room for so many, and others have theirs") {
  login_queue q;
  for (std::size_t i = 0; i < login_queue::of_one_prefix_max; ++i) enter(q, lane::suspect, 1);
  CHECK_FALSE(q.enter(lane::suspect, 1).mine);
  CHECK(q.enter(lane::suspect, 2).mine);
}

TEST_CASE("when all room is taken who would come last makes room, and nobody for one of a lane behind") {
  login_queue q;
  std::vector<login_queue::ticket> clean;
  for (std::uint64_t p = 0; p < login_queue::waiting_max; ++p) clean.push_back(enter(q, lane::clean, p));
  CHECK_FALSE(q.enter(lane::suspect, 9999).mine);
  const auto newest = q.enter(lane::clean, 1'000'000);
  CHECK(newest.mine.has_value());
  CHECK(newest.dropped == clean.front());
  const auto proven = q.enter(lane::proven, 1);
  CHECK(proven.dropped == clean[1]);
  CHECK(q.waiting() == login_queue::waiting_max);
  CHECK(q.next() == proven.mine);
  CHECK(q.next() == newest.mine);
}

TEST_CASE("who gives up leaves no trace") {
  login_queue q;
  const auto gone = enter(q, lane::proven, 1);
  const auto stays = enter(q, lane::proven, 1);
  q.leave(gone);
  q.leave(gone);
  q.leave(12345);
  CHECK(all(q) == std::vector{stays});
}

}  // namespace login_queue_test
