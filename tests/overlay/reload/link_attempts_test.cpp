#include "reload/link_attempts.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"

namespace link_attempts_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;

TEST_CASE("of two that attach to each other at once the larger Node-ID goes on, until it has been answered") {
  link_attempts here(id(5));
  CHECK_FALSE(here.refuses(id(9)));
  here.begin_attach(id(9));
  here.begin_attach(id(1));
  CHECK_FALSE(here.refuses(id(9)));
  CHECK(here.refuses(id(1)));
  here.attach_answered(id(9));  // it dials: nothing is to be done
  CHECK(here.refuses(id(9)));
  here.end_attach(id(9));
  CHECK_FALSE(here.refuses(id(9)));
}

TEST_CASE("a node is dialled once at a time, and is under way by a dial or an Attach") {
  link_attempts here(id(5));
  CHECK_FALSE(here.under_way(id(1)));
  CHECK(here.begin_dial(id(1)));
  CHECK_FALSE(here.begin_dial(id(1)));
  CHECK(here.under_way(id(1)));
  here.end_dial(id(1));
  CHECK_FALSE(here.under_way(id(1)));
  here.begin_attach(id(2));
  CHECK(here.under_way(id(2)));
  CHECK(here.begin_dial(id(1)));
}

TEST_CASE("others make a node dial no more than so many at once") {
  link_attempts here(id(5));
  for (unsigned i = 0; i < link_attempts::dials_max; ++i) {
    CHECK_FALSE(here.refuses(id(200)));
    CHECK(here.begin_dial(id(static_cast<std::uint8_t>(1 + i / 128), static_cast<std::uint8_t>(i % 128))));
  }
  CHECK(here.refuses(id(200)));
  here.end_dial(id(1, 1));
  CHECK_FALSE(here.refuses(id(200)));
}

}  // namespace link_attempts_test
