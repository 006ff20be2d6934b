#include "data_directory.hpp"

#include <doctest.h>
#include <sys/stat.h>

#include "temporary_directory.hpp"

using namespace phyllo;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat s{};
  REQUIRE(::stat(path.c_str(), &s) == 0);
  return s.st_mode & 0777u;
}

}  // namespace

TEST_CASE("a secret's file is its owner's alone, also when it replaces another") {
  const testing::temporary_directory d;
  const auto path = d.write("key", "old, and readable");
  REQUIRE(node::write_private_file(path, "new").has_value());
  CHECK(testing::content_of(path) == "new");
  CHECK(mode_of(path) == 0600);
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE("a directory is made private with its parents, and one that is there is left alone") {
  const testing::temporary_directory d;
  REQUIRE(node::make_private_directory(d.file("a/b")).has_value());
  CHECK(mode_of(d.file("a/b")) == 0700);
  CHECK(node::make_private_directory(d.file("a/b")).has_value());
}

TEST_CASE("a file that is not there is no error, one that can not be read or is too large is") {
  const testing::temporary_directory d;
  CHECK_FALSE(node::read_file(d.file("none")).value().has_value());
  CHECK(node::read_file(d.path()).error() == node::errc::io);
  const auto large = d.write("large", std::string(2 * 1024 * 1024, 'x'));
  CHECK(node::read_file(large).error() == node::errc::io);
  CHECK(node::write_private_file(d.file("no/such"), "x").error() == node::errc::io);
}
