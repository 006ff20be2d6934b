#include "../../src/enrollment/sqlite.hpp"

#include <doctest.h>

#include "phyllo/enrollment/errc.hpp"
#include "support/temporary_directory.hpp"

namespace sqlite_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

struct opened {
  testing::temporary_directory directory;
  std::unique_ptr<database> db = database::open(directory.file("test.sqlite")).value();
  opened() { REQUIRE(db->execute("CREATE TABLE t (a TEXT UNIQUE, b BLOB, c INTEGER)")); }
};

}  // namespace

TEST_CASE("texts, blobs and numbers come back as they were bound, with NULs and from end to end") {
  opened o;
  auto insert = o.db->prepare("INSERT INTO t VALUES (?1, ?2, ?3)").value();
  const std::string text("a\0b", 3);
  const core::bytes blob{0, 1, 255};
  REQUIRE(insert.bind(1, text).bind(2, core::byte_view(blob)).bind(3, std::int64_t{INT64_MIN}).run());
  auto select = o.db->prepare("SELECT a, b, c, NULL FROM t").value();
  REQUIRE(select.step().value());
  CHECK(select.text(0) == text);
  CHECK(select.blob(1) == blob);
  CHECK(select.number(2) == INT64_MIN);
  CHECK(select.text(3).empty());
  CHECK(select.blob(3).empty());
  CHECK(select.number(3) == 0);
  CHECK_FALSE(select.step().value());
}

TEST_CASE("a statement that was run forgets what was bound to it") {
  opened o;
  auto insert = o.db->prepare("INSERT INTO t VALUES (?1, ?2, ?3)").value();
  REQUIRE(insert.bind(1, std::string_view("one")).bind(3, std::int64_t{1}).run());
  REQUIRE(insert.bind(1, std::string_view("two")).run());
  CHECK(o.db->number("SELECT count(*) FROM t WHERE c IS NULL").value() == 1);
  CHECK(insert.bind(1, std::string_view("two")).run().error() == errc::database);  // unique
  CHECK(insert.bind(1, std::string_view("three")).run());
}

TEST_CASE("what is not committed is as if it had not been") {
  opened o;
  {
    const auto t = transaction::begin(*o.db).value();
    REQUIRE(o.db->execute("INSERT INTO t VALUES ('a', x'', 1)"));
  }
  CHECK(o.db->number("SELECT count(*) FROM t").value() == 0);
  {
    const auto t = transaction::begin(*o.db).value();
    REQUIRE(o.db->execute("INSERT INTO t VALUES ('a', x'', 1)"));
    CHECK(transaction::begin(*o.db).error() == errc::database);  // one at a time
    REQUIRE(t->commit());
  }
  CHECK(o.db->number("SELECT count(*) FROM t").value() == 1);
}

TEST_CASE("the file is its owner's alone, and what is none is an error that names it") {
  const opened o;
  CHECK(testing::mode_of(o.directory.file("test.sqlite")) == 0600);
  const auto nowhere = database::open(o.directory.file("none/test.sqlite"));
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error() == errc::database);
  CHECK(nowhere.error().message().find("none/test.sqlite") != std::string::npos);
  const auto noise = o.directory.write("noise", std::string(5000, 'x'));
  CHECK(database::open(noise).error().message().find("noise") != std::string::npos);
}

TEST_CASE("SQL that is wrong is an error with SQLite's words") {
  opened o;
  CHECK(o.db->prepare("SELEC 1").error() == errc::database);
  CHECK(o.db->execute("INSERT INTO nowhere VALUES (1)").error().message().find("nowhere") != std::string::npos);
  CHECK(o.db->number("SELECT c FROM t").value() == 0);  // no row
}

}  // namespace sqlite_test
