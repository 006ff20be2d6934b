#include "files/directory_lock.hpp"

#include <doctest.h>

#include <fstream>

#include "phyllo/node/errc.hpp"
#include "support/temporary_directory.hpp"

namespace directory_lock_test {

using namespace phyllo;
using namespace phyllo::node;

TEST_CASE("a data directory serves one at a time, and says whom") {
  const testing::temporary_directory d;
  auto first = directory_lock::take(d.path());
  REQUIRE(first.has_value());
  const auto second = directory_lock::take(d.path());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error() == errc::refused);
  CHECK(second.error().message().find("in use by process " + std::to_string(::getpid())) != std::string::npos);
  first->reset();
  CHECK(directory_lock::take(d.path()).has_value());
}

TEST_CASE("a lock file that a dead process, or a copy of the directory, has left locks nothing") {
  const testing::temporary_directory d;
  std::ofstream(d.file("lock")) << "4711\n";
  CHECK(directory_lock::take(d.path()).has_value());
}

}  // namespace directory_lock_test
