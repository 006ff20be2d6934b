#include "reload/answer_cache.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace answer_cache_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::at;
using enum answer_cache::state;

namespace {

const core::time_point start{1h};

}  // namespace

TEST_CASE("the answer cache knows fresh, unanswered and answered requests for fifteen seconds") {
  answer_cache c;
  CHECK(c.look(at(1), 9, start) == fresh);
  CHECK(c.look(at(1), 9, start) == in_progress);
  CHECK(c.look(at(2), 9, start) == fresh);
  c.answered(at(1), 9, {1, 2});
  CHECK(c.look(at(1), 9, start + 14s) == answered);
  CHECK(c.answer(at(1), 9) == core::bytes{1, 2});
  CHECK(c.look(at(1), 9, start + 15s) == fresh);
}

TEST_CASE("a time later no request of before is remembered, and none is forgotten earlier") {
  answer_cache c;
  CHECK(c.look(at(1), 1, start) == fresh);
  CHECK(c.look(at(1), 2, start + 1s) == fresh);
  c.expire(start + answer_cache::lifetime - 1ns);
  CHECK(c.size() == 2);
  c.expire(start + answer_cache::lifetime);
  CHECK(c.size() == 1);
  CHECK(c.look(at(1), 2, start + answer_cache::lifetime) == in_progress);
}

TEST_CASE("an answer that comes when its request is forgotten is not kept") {
  answer_cache c;
  c.answered(at(1), 9, {1});
  CHECK(c.size() == 0);
  CHECK(c.look(at(1), 9, start) == fresh);
  c.expire(start + 15s);
  c.answered(at(1), 9, {1});
  CHECK(c.look(at(1), 9, start + 15s) == fresh);
}

TEST_CASE("where there are too many requests the oldest gives way") {
  answer_cache c;
  for (std::uint64_t i = 0; i < answer_cache::entries_max + 1; ++i) REQUIRE(c.look(at(1), i, start) == fresh);
  CHECK(c.size() == answer_cache::entries_max);
  CHECK(c.look(at(1), answer_cache::entries_max, start) == in_progress);
  CHECK(c.look(at(1), 0, start) == fresh);
}

TEST_CASE("a repeated request is known, be it the oldest of as many as there is room for") {
  answer_cache c;
  for (std::uint64_t i = 0; i < answer_cache::entries_max; ++i) REQUIRE(c.look(at(1), i, start) == fresh);
  CHECK(c.look(at(1), 0, start) == in_progress);
  CHECK(c.size() == answer_cache::entries_max);
}

TEST_CASE("where answers are too large together the oldest give way") {
  answer_cache c;
  const core::bytes large(answer_cache::bytes_max / 4, 7);
  for (std::uint64_t i = 0; i < 5; ++i) {
    REQUIRE(c.look(at(1), i, start) == fresh);
    c.answered(at(1), i, large);
  }
  CHECK(c.look(at(1), 5, start) == fresh);
  CHECK(c.look(at(1), 1, start) == answered);
  CHECK(c.size() == 5);
  CHECK(c.look(at(1), 0, start) == fresh);
}

}  // namespace answer_cache_test
