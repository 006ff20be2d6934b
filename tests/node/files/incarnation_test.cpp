#include "files/incarnation.hpp"

#include <doctest.h>

#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace incarnation_test {

using namespace phyllo;

namespace {

struct fixture {
  testing::real_world world;
  testing::temporary_directory directory;
  node::configuration c;

  fixture() { c.node.data_directory = directory.path(); }
  std::uint32_t next() { return node::next_incarnation(*world.env, c).value(); }
  std::uint32_t now() const { return static_cast<std::uint32_t>(core::unix_milliseconds(world.env->wall_now()) / 1000); }
};

}  // namespace

TEST_CASE("each start has a greater number than the one before, also within one second") {
  fixture f;
  const auto began = f.now();
  const auto first = f.next();
  CHECK(first >= began);
  CHECK(first <= f.now());
  auto last = first;
  for (int i = 0; i < 10; ++i) {
    const auto next = f.next();
    CHECK(next > last);
    last = next;
  }
}

TEST_CASE("a clock that was put back does not put the number back; a file that holds none is written anew") {
  fixture f;
  f.directory.write("incarnation", "4000000000\n");
  CHECK(f.next() == 4000000001);
  CHECK(f.next() == 4000000002);
  f.directory.write("incarnation", "garbage");
  CHECK(f.next() <= f.now());
  CHECK(testing::content_of(f.directory.file("incarnation")).find("garbage") == std::string::npos);
}

}  // namespace incarnation_test
