#include "reload/loss_burst.hpp"

#include <doctest.h>

namespace loss_burst_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};

}  // namespace

TEST_CASE("two that went together are a partition where they were a quarter of all, and one never is") {
  loss_burst one;
  one.note(1, start);
  CHECK_FALSE(one.parted(start));
  loss_burst few;
  few.note(9, start);
  few.note(8, start + 1s);
  CHECK_FALSE(few.parted(start + 1s));
  few.note(7, start + 2s);  // three of nine
  CHECK(few.parted(start + 2s));
  loss_burst quarter;
  quarter.note(8, start);
  quarter.note(7, start + loss_burst::within);
  CHECK(quarter.parted(start + loss_burst::within));
}

TEST_CASE("what was lost half a minute before counts no more") {
  loss_burst b;
  b.note(8, start);
  b.note(7, start + loss_burst::within + 1ns);
  CHECK_FALSE(b.parted(start + loss_burst::within + 1ns));
  b.note(6, start + loss_burst::within + 2s);  // two of the seven that there were
  CHECK(b.parted(start + loss_burst::within + 2s));
}

TEST_CASE("the others are sought for an hour after the last loss of many") {
  loss_burst b;
  CHECK_FALSE(b.parted(start));
  b.note(4, start);
  b.note(3, start + 1s);
  b.note(2, start + 2s);
  CHECK(b.parted(start + 2s + loss_burst::sought_for - 1ns));
  CHECK_FALSE(b.parted(start + 2s + loss_burst::sought_for));
}

}  // namespace loss_burst_test
