#include "storage/read_quorum.hpp"

#include <doctest.h>

#include "support/replica_values.hpp"

namespace read_quorum_test {

using namespace phyllo;
using step = overlay::read_quorum::step;
using testing::make_ring;

namespace {

const overlay::replica_state agrees{.view = 7, .holders = 0, .members = {}, .unsynced = {}};

}  // namespace

TEST_CASE("a quorum read counts only members of one view whom nobody lists as unsynced") {
  std::mt19937_64 random(15);
  const auto set = make_ring(random, 5);
  const auto key = core::to_bytes("k");
  const overlay::version old_version{.storage_time = 1, .hash = {}};
  const overlay::version new_version{.storage_time = 2, .hash = {}};
  overlay::read_quorum q(set, set[0].node, 7, {set[1].node});
  q.take(set[0].node, std::nullopt, {});
  auto others = std::vector{set[2].node, set[3].node, set[4].node};
  std::ranges::sort(others);
  CHECK(q.promising() == others);
  CHECK(q.missing() == 2);
  q.take(set[1].node, agrees, {});  // unsynced in this node's knowledge
  auto other = agrees;
  other.view = 8;
  q.take(set[2].node, other, {{key, old_version}});
  CHECK(q.disagreeing() == std::vector{set[2].node});
  q.take(set[3].node, agrees, {{key, new_version}});
  CHECK(q.next() == step::wait);
  auto lists = agrees;
  lists.unsynced = {set[3].node};
  q.take(set[4].node, lists, {{key, old_version}});
  CHECK(q.next() == step::again);  // 0 and 4 count, 3 is listed by 4
  CHECK(q.missing() == 1);
  CHECK(q.promising().empty());

  overlay::read_quorum good(set, set[0].node, 7, {});
  good.take(set[0].node, std::nullopt, {});
  good.take(set[3].node, agrees, {{key, new_version}});
  good.take(set[4].node, agrees, {{key, old_version}});
  CHECK(good.next() == step::done);
  const auto s = good.short_of();  // this node keeps it by merging, 3 has it: one more is needed
  CHECK(s.entries == std::set{key});
  CHECK(s.lacking == std::set{set[4].node});
  CHECK(s.needed == 1);
}

TEST_CASE("a node alone is a quorum at once, and one that holds itself for unsynced is none") {
  std::mt19937_64 random(1);
  const auto set = make_ring(random, 1);
  CHECK(overlay::read_quorum(set, set[0].node, 7, {}).next() == step::done);
  const overlay::read_quorum unsynced(set, set[0].node, 7, {set[0].node});
  CHECK(unsynced.next() == step::again);
  CHECK(unsynced.missing() == 1);
}

TEST_CASE("who is no member of the set, or says nothing usable, does not count; who fails is waited for no more") {
  std::mt19937_64 random(2);
  const auto set = make_ring(random, 3);
  const auto stranger = testing::random_id(random);
  overlay::read_quorum q(set, stranger, 7, {});
  q.take(stranger, agrees, {});
  CHECK(q.answered() == 0);
  q.take(set[0].node, std::nullopt, {});
  CHECK(q.answered() == 1);
  CHECK(q.missing() == 2);
  CHECK(q.next() == step::wait);
  q.take(set[1].node, agrees, {});
  CHECK(q.next() == step::wait);
  q.failed(set[2].node);
  CHECK(q.next() == step::again);
  CHECK(q.disagreeing().empty());
}

TEST_CASE("suspects are not waited for, but their answers count") {
  std::mt19937_64 random(3);
  auto set = make_ring(random, 3);
  set[1].suspect = set[2].suspect = true;
  overlay::read_quorum q(set, set[0].node, 7, {});
  CHECK(q.promising().empty());
  CHECK(q.next() == step::again);
  q.take(set[2].node, agrees, {});
  CHECK(q.next() == step::done);
}

TEST_CASE("nothing is short where a majority of the set holds the newest of each entry") {
  std::mt19937_64 random(4);
  const auto set = make_ring(random, 3);
  const auto key = core::to_bytes("k");
  const overlay::version newest{.storage_time = 2, .hash = {}};
  overlay::read_quorum q(set, testing::random_id(random), 7, {});
  q.take(set[0].node, agrees, {{key, newest}});
  q.take(set[1].node, agrees, {});
  const auto s = q.short_of();
  CHECK(s.entries == std::set{key});
  CHECK(s.lacking == std::set{set[1].node});
  CHECK(s.needed == 1);
  q.take(set[2].node, agrees, {{key, newest}});
  CHECK(q.short_of().entries.empty());
  CHECK(q.short_of().needed == 0);
}

}  // namespace read_quorum_test
