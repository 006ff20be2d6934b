#include "phyllo/disk/private_file.hpp"

#include <doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temporary_directory.hpp"

namespace private_file_test {

using namespace phyllo;

TEST_CASE("a secret's file is its owner's alone, also when it replaces another") {
  const testing::temporary_directory d;
  const auto path = d.write("key", "old, and readable");
  REQUIRE(disk::write_private_file(path, "new").has_value());
  CHECK(testing::content_of(path) == "new");
  CHECK(testing::mode_of(path) == 0600);
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE("a file of secrets that others could read is theirs no more from its opening on") {
  const testing::temporary_directory d;
  const auto there = d.write("keys", "old");
  REQUIRE(::chmod(there.c_str(), 0644) == 0);
  for (const auto& path : {there, d.file("new")}) {
    const int fd = disk::open_private(path, O_APPEND);
    REQUIRE(fd >= 0);
    ::close(fd);
    CHECK(testing::mode_of(path) == 0600);
  }
  CHECK(testing::content_of(there) == "old");
  CHECK(disk::open_private(d.path(), O_APPEND) < 0);
}

TEST_CASE("a file that is not there is no error, one that can not be read or is too large is") {
  const testing::temporary_directory d;
  CHECK_FALSE(disk::read_file(d.file("none")).value().has_value());
  CHECK(disk::read_file(d.path()).error() == disk::errc::io);
  const auto large = d.write("large", std::string(2 * 1024 * 1024, 'x'));
  CHECK(disk::read_file(large).error() == disk::errc::io);
  CHECK(disk::write_private_file(d.file("no/such"), "x").error() == disk::errc::io);
}

}  // namespace private_file_test
