#include "command/batch.hpp"

#include <doctest.h>

#include <sstream>

#include "phyllo/node/errc.hpp"

namespace batch_test {

using namespace phyllo;

TEST_CASE("a batch of writes has a name, a tab and a value a line; the value may hold tabs") {
  std::istringstream in("a@example.com\tone\r\n\nb@example.com\ttwo\tparts\n");
  command::batch_reader lines(in, true);
  const auto first = lines.next().value();
  REQUIRE(first);
  CHECK(first->name == "a@example.com");
  CHECK(first->value == "one");
  const auto second = lines.next().value();
  REQUIRE(second);
  CHECK(second->number == 3);
  CHECK(second->value == "two\tparts");
  CHECK_FALSE(lines.next().value());
}

TEST_CASE("a line of the wrong form is told by its number, and the next one is read") {
  std::istringstream in("a@example.com\nb@example.com\tx\n\ty\n");
  command::batch_reader lines(in, true);
  const auto bad = lines.next();
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().detail() == "line 1: expected NAME<TAB>VALUE");
  CHECK(lines.next().value()->name == "b@example.com");
  CHECK_FALSE(lines.next().has_value());
}

TEST_CASE("a batch of reads has names alone") {
  std::istringstream in("a@example.com\nb@example.com\tx\n");
  command::batch_reader lines(in, false);
  CHECK(lines.next().value()->name == "a@example.com");
  CHECK(lines.next().error() == node::errc::malformed);
}

}  // namespace batch_test
