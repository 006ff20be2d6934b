#include "transport/link/move_hold.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"

namespace move_hold_test {

using namespace phyllo;
using transport::move_hold;

TEST_CASE("what came while a link moved is there in its order, with how the old way ended, and is given once") {
  move_hold h;
  CHECK_FALSE(h.holds());
  h.begin();
  REQUIRE(h.holds());
  CHECK(h.keep(core::as_bytes("first")));
  CHECK(h.keep(core::as_bytes("second")));
  h.lose(core::error(transport::errc::closed, "gone"));
  auto held = h.end();
  CHECK_FALSE(h.holds());
  REQUIRE(held.frames.size() == 2);
  CHECK(core::as_text(held.frames.front()) == "first");
  held.frames.pop_front();
  CHECK(core::as_text(held.frames.front()) == "second");
  REQUIRE(held.lost.has_value());
  CHECK(held.lost->detail() == "gone");
  const auto again = h.end();
  CHECK(again.frames.empty());
  CHECK_FALSE(again.lost.has_value());
}

TEST_CASE("what is held is bounded, and there is room again after a move") {
  move_hold h;
  h.begin();
  const core::bytes half(move_hold::bytes_max / 2);
  CHECK(h.keep(half));
  CHECK(h.keep(half));
  CHECK_FALSE(h.keep(core::as_bytes("x")));
  static_cast<void>(h.end());
  h.begin();
  CHECK(h.keep(half));
}

}  // namespace move_hold_test
