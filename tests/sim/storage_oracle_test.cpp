// What judges the storage experiment: it lets pass what the promise allows, and finds what it does not.
#include "storage_oracle.hpp"

#include <doctest.h>

namespace storage_oracle_test {

using namespace phyllo;
using namespace std::chrono_literals;
using simulate::storage_oracle;
using kind = storage_oracle::kind;

namespace {

core::time_point at(core::duration d) { return core::time_point(1h) + d; }

struct judged {
  storage_oracle oracle{3};

  std::size_t update(core::duration from, core::duration to, std::uint64_t time, unsigned side = 0, core::duration lifetime = 1h) {
    const auto operation = oracle.begin(0, kind::update, lifetime, side, at(from));
    CHECK(oracle.answered(operation, time, at(to)).empty());
    return operation;
  }
  bool allows(std::optional<storage_oracle::found> value, core::duration from, bool quorum = true, unsigned side = 0) {
    storage_oracle::reading r{
        .record = 0, .quorum = quorum, .side = side, .begun = at(from), .ended = at(from + 10ms), .clock_ms = 0, .value = value};
    return oracle.judge(r).empty();
  }
};

}  // namespace

TEST_CASE("a quorum read must return what was answered before it began, a default read what was answered 5 s before") {
  judged j;
  const auto first = j.update(0s, 1s, 100);
  const auto second = j.update(10s, 11s, 200);
  CHECK(j.allows(storage_oracle::found{second, 200}, 12s));
  CHECK_FALSE(j.allows(storage_oracle::found{first, 100}, 12s));
  CHECK_FALSE(j.allows(std::nullopt, 12s));
  CHECK(j.allows(storage_oracle::found{first, 100}, 12s, false));
  CHECK_FALSE(j.allows(storage_oracle::found{first, 100}, 17s, false));
}

TEST_CASE("what a quorum read has returned stands for later ones, though its writer heard no answer") {
  judged j;
  const auto first = j.update(0s, 1s, 100);
  const auto open = j.oracle.begin(0, kind::update, 1h, 0, at(2s));
  CHECK(j.allows(storage_oracle::found{first, 100}, 3s));
  CHECK(j.allows(storage_oracle::found{open, 200}, 4s));
  CHECK_FALSE(j.allows(storage_oracle::found{first, 100}, 5s));
}

TEST_CASE("what is written at the time of a removal may stand, since the hash decides") {
  judged j;
  j.update(0s, 1s, 100);
  const auto removed = j.oracle.begin(0, kind::remove, 24h, 0, at(2s));
  CHECK(j.oracle.answered(removed, 200, at(3s)).empty());
  j.update(4s, 5s, 200);
  CHECK(j.oracle.already_exists(j.oracle.begin(0, kind::add, 1h, 0, at(6s)), 300, at(7s)).empty());
}

TEST_CASE("what was removed does not return, and what was not removed does not vanish") {
  judged j;
  const auto value = j.update(0s, 1s, 100);
  const auto refused = j.oracle.begin(0, kind::remove, 24h, 0, at(2s));
  CHECK_FALSE(j.oracle.not_found(refused, 0, at(2500ms)).empty());  // nor is it absent to who would remove it
  CHECK_FALSE(j.allows(std::nullopt, 3s));
  const auto unanswered = j.oracle.begin(0, kind::remove, 24h, 0, at(4s));
  j.oracle.unanswered(unanswered, 90, at(5s));  // older than the value
  CHECK_FALSE(j.allows(std::nullopt, 6s));
  const auto removal = j.oracle.begin(0, kind::remove, 24h, 0, at(7s));
  CHECK(j.allows(std::nullopt, 8s));  // it may have happened by now
  CHECK(j.oracle.answered(removal, 300, at(9s)).empty());
  CHECK(j.allows(std::nullopt, 10s));
  CHECK_FALSE(j.allows(storage_oracle::found{value, 100}, 10s));
}

TEST_CASE("each side of a partition keeps its own, and the newest stands 60 s after healing") {
  judged j;
  const auto before = j.update(0s, 1s, 100);
  j.oracle.opened(at(10s));
  const auto here = j.update(20s, 21s, 200, 1);
  CHECK(j.allows(storage_oracle::found{before, 100}, 22s, true, 0));  // the other side knows nothing of it
  CHECK_FALSE(j.allows(storage_oracle::found{before, 100}, 22s, true, 1));
  j.oracle.healed(at(30s));
  CHECK(j.allows(storage_oracle::found{before, 100}, 60s));
  CHECK_FALSE(j.allows(storage_oracle::found{before, 100}, 91s));
  CHECK(j.allows(storage_oracle::found{here, 200}, 91s));
}

TEST_CASE("a value may go when its lifetime is over, and must have gone soon after") {
  judged j;
  const auto value = j.update(0s, 1s, 100, 0, 60s);
  CHECK_FALSE(j.allows(std::nullopt, 30s));
  CHECK(j.allows(std::nullopt, 70s));
  CHECK(j.allows(storage_oracle::found{value, 100}, 62s));
  CHECK_FALSE(j.allows(storage_oracle::found{value, 100}, 90s));
}

TEST_CASE("a value that nobody wrote there, and an add over a live value, are found") {
  judged j;
  j.update(0s, 1s, 100);
  CHECK_FALSE(j.allows(storage_oracle::found{77, 900}, 2s));
  const auto elsewhere = j.oracle.begin(1, kind::update, 1h, 0, at(2s));
  CHECK_FALSE(j.allows(storage_oracle::found{elsewhere, 900}, 3s));
  const auto add = j.oracle.begin(0, kind::add, 1h, 0, at(4s));
  CHECK_FALSE(j.oracle.answered(add, 500, at(5s)).empty());
}

TEST_CASE("an add during whose time the value was removed may be answered, and an add after that is not told that something is there") {
  judged j;
  j.update(0s, 1s, 100);
  const auto long_one = j.oracle.begin(0, kind::add, 1h, 0, at(2s));
  const auto removal = j.oracle.begin(0, kind::remove, 24h, 0, at(3s));
  CHECK(j.oracle.answered(removal, 200, at(4s)).empty());
  const auto refused = j.oracle.begin(0, kind::add, 1h, 0, at(4500ms));
  CHECK(j.oracle.already_exists(refused, 900, at(5s)).empty());  // the long one may stand there by now
  CHECK(j.oracle.answered(long_one, 300, at(5s)).empty());
  const auto last_removal = j.oracle.begin(0, kind::remove, 24h, 0, at(6s));
  CHECK(j.oracle.answered(last_removal, 1000, at(7s)).empty());
  CHECK(j.oracle.not_found(j.oracle.begin(0, kind::remove, 24h, 0, at(8s)), 0, at(9s)).empty());
  CHECK_FALSE(j.oracle.already_exists(j.oracle.begin(0, kind::add, 1h, 0, at(10s)), 1100, at(11s)).empty());
}

}  // namespace storage_oracle_test
