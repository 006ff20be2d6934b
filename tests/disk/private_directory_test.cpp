#include "phyllo/disk/private_directory.hpp"

#include <doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "support/temporary_directory.hpp"

namespace private_directory_test {

using namespace phyllo;

TEST_CASE("a directory is made private with its parents, and one that is there is taken as it is if it is private") {
  const testing::temporary_directory d;
  REQUIRE(disk::make_private_directory(d.file("a/b")).has_value());
  CHECK(testing::mode_of(d.file("a/b")) == 0700);
  CHECK(disk::make_private_directory(d.file("a/b")).has_value());
  REQUIRE(::chmod(d.file("a/b").c_str(), 0710) == 0);  // the group passes through to the admin socket
  CHECK(disk::make_private_directory(d.file("a/b")).has_value());
}

TEST_CASE("a data directory that others may look into is refused with what to do, and its mode stays") {
  const testing::temporary_directory d;
  for (const unsigned mode : {0701u, 0750u, 0755u, 0770u, 01777u}) {
    CAPTURE(mode);
    REQUIRE(::chmod(d.path().c_str(), mode) == 0);
    const auto judged = disk::make_private_directory(d.path());
    REQUIRE_FALSE(judged.has_value());
    CHECK(judged.error() == disk::errc::io);
    CHECK(judged.error().message().find(d.path() + ": other users may look into it") != std::string::npos);
    CHECK(judged.error().message().find("chmod 700") != std::string::npos);
    CHECK(testing::mode_of(d.path()) == (mode & 0777));
  }
}

TEST_CASE("a data directory that is a file, or lies under one, is refused") {
  const testing::temporary_directory d;
  const auto file = d.write("file", "");
  CHECK(disk::make_private_directory(file).error().message().find("is no directory") != std::string::npos);
  CHECK(disk::make_private_directory(file + "/x").error().message().find(file + "/x") != std::string::npos);
}

TEST_CASE("another user's data directory is refused, naming both") {
  if (::geteuid() != 0) return;  // only root can give a directory away
  const testing::temporary_directory d;
  REQUIRE(::chown(d.path().c_str(), 4711, 4711) == 0);
  const auto judged = disk::make_private_directory(d.path());
  REQUIRE_FALSE(judged.has_value());
  CHECK(judged.error().message().find("belongs to user 4711, this process to root (0)") != std::string::npos);
}

TEST_CASE("files that others could read are closed, the log file but to its group, and each is named") {
  const testing::temporary_directory d;
  const auto key = d.write("node.pem", "secret"), log = d.write("node.log", "lines"), kept = d.write("private", "secret");
  const auto elsewhere = d.write("../phyllo-elsewhere-" + std::to_string(::getpid()), "not in it");
  REQUIRE(::chmod(key.c_str(), 0644) == 0);
  REQUIRE(::chmod(log.c_str(), 0666) == 0);
  REQUIRE(::chmod(kept.c_str(), 0600) == 0);
  REQUIRE(::chmod(elsewhere.c_str(), 0644) == 0);
  REQUIRE(::symlink(elsewhere.c_str(), d.file("link").c_str()) == 0);
  auto changed = disk::close_files(d.path(), log).value();
  std::ranges::sort(changed);
  CHECK(changed == std::vector{log, key});
  CHECK(testing::mode_of(key) == 0600);
  CHECK(testing::mode_of(log) == 0640);
  CHECK(testing::mode_of(elsewhere) == 0644);
  ::unlink(elsewhere.c_str());
  CHECK(disk::close_files(d.path(), log).value().empty());
}

}  // namespace private_directory_test
