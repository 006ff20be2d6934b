#include "phyllo/core/backoff.hpp"

#include <doctest.h>

#include "support/run.hpp"

namespace backoff_test {

using namespace phyllo;
using namespace std::chrono_literals;

TEST_CASE("pauses double up to the longest, each between half and all of its own, and begin anew after a success") {
  testing::real_world world;
  core::backoff pause(*world.env, 100ms, 1s);
  for (int round = 0; round < 2; ++round) {
    for (const core::duration most : {core::duration(100ms), core::duration(200ms), core::duration(400ms), core::duration(800ms),
                                      core::duration(1s), core::duration(1s)}) {
      const auto span = pause.next();
      CHECK(span >= most / 2);
      CHECK(span <= most);
    }
    pause.reset();
  }
}

}  // namespace backoff_test
