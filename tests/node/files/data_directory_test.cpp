#include "files/data_directory.hpp"

#include <doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "temporary_directory.hpp"

namespace data_directory_test {

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

TEST_CASE("a directory is made private with its parents, and one that is there is taken as it is if it is private") {
  const testing::temporary_directory d;
  REQUIRE(node::make_private_directory(d.file("a/b")).has_value());
  CHECK(mode_of(d.file("a/b")) == 0700);
  CHECK(node::make_private_directory(d.file("a/b")).has_value());
  REQUIRE(::chmod(d.file("a/b").c_str(), 0710) == 0);  // the group passes through to the admin socket
  CHECK(node::make_private_directory(d.file("a/b")).has_value());
}

TEST_CASE("a data directory that others may look into is refused with what to do, and its mode stays") {
  const testing::temporary_directory d;
  for (const unsigned mode : {0701u, 0750u, 0755u, 0770u, 01777u}) {
    CAPTURE(mode);
    REQUIRE(::chmod(d.path().c_str(), mode) == 0);
    const auto judged = node::make_private_directory(d.path());
    REQUIRE_FALSE(judged.has_value());
    CHECK(judged.error() == node::errc::io);
    CHECK(judged.error().message().find(d.path() + ": other users may look into it") != std::string::npos);
    CHECK(judged.error().message().find("chmod 700") != std::string::npos);
    CHECK(mode_of(d.path()) == (mode & 0777));
  }
}

TEST_CASE("a data directory that is a file, or lies under one, is refused") {
  const testing::temporary_directory d;
  const auto file = d.write("file", "");
  CHECK(node::make_private_directory(file).error().message().find("is no directory") != std::string::npos);
  CHECK(node::make_private_directory(file + "/x").error().message().find(file + "/x") != std::string::npos);
}

TEST_CASE("another user's data directory is refused, naming both") {
  if (::geteuid() != 0) return;  // only root can give a directory away
  const testing::temporary_directory d;
  REQUIRE(::chown(d.path().c_str(), 4711, 4711) == 0);
  const auto judged = node::make_private_directory(d.path());
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
  auto changed = node::close_files(d.path(), log).value();
  std::ranges::sort(changed);
  CHECK(changed == std::vector{log, key});
  CHECK(mode_of(key) == 0600);
  CHECK(mode_of(log) == 0640);
  CHECK(mode_of(elsewhere) == 0644);
  ::unlink(elsewhere.c_str());
  CHECK(node::close_files(d.path(), log).value().empty());
}

TEST_CASE("a file of secrets that others could read is theirs no more from its opening on") {
  const testing::temporary_directory d;
  const auto there = d.write("keys", "old");
  REQUIRE(::chmod(there.c_str(), 0644) == 0);
  for (const auto& path : {there, d.file("new")}) {
    const int fd = node::open_private(path, O_APPEND);
    REQUIRE(fd >= 0);
    ::close(fd);
    CHECK(mode_of(path) == 0600);
  }
  CHECK(testing::content_of(there) == "old");
  CHECK(node::open_private(d.path(), O_APPEND) < 0);
}

TEST_CASE("a file that is not there is no error, one that can not be read or is too large is") {
  const testing::temporary_directory d;
  CHECK_FALSE(node::read_file(d.file("none")).value().has_value());
  CHECK(node::read_file(d.path()).error() == node::errc::io);
  const auto large = d.write("large", std::string(2 * 1024 * 1024, 'x'));
  CHECK(node::read_file(large).error() == node::errc::io);
  CHECK(node::write_private_file(d.file("no/such"), "x").error() == node::errc::io);
}

}  // namespace data_directory_test
