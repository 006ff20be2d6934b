#include "files/key_log.hpp"

#include <doctest.h>

#include "phyllo/disk/errc.hpp"
#include "support/temporary_directory.hpp"

namespace key_log_test {

using namespace phyllo;

TEST_CASE("after the key log was moved away, lines go to the old file until it is opened anew, and to a new one then") {
  const testing::temporary_directory d;
  const auto log = node::key_log::open(d.file("keys.log"));
  REQUIRE(log.has_value());
  (*log)->add("one");
  std::filesystem::rename(d.file("keys.log"), d.file("keys.log.1"));
  (*log)->add("two");
  REQUIRE((*log)->reopen());
  (*log)->add("three");
  CHECK(testing::content_of(d.file("keys.log.1")) == "one\ntwo\n");
  CHECK(testing::content_of(d.file("keys.log")) == "three\n");
  CHECK(std::filesystem::status(d.file("keys.log")).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a key log that can not be opened anew goes on in its old file") {
  const testing::temporary_directory d;
  std::filesystem::create_directory(d.file("sub"));
  const auto log = node::key_log::open(d.file("sub/keys.log"));
  REQUIRE(log.has_value());
  std::filesystem::rename(d.file("sub"), d.file("moved"));
  CHECK((*log)->reopen().error() == disk::errc::io);
  (*log)->add("one");
  CHECK(testing::content_of(d.file("moved/keys.log")) == "one\n");
  CHECK(node::key_log::open(d.file("no/such.log")).error() == disk::errc::io);
}

}  // namespace key_log_test
