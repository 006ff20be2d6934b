#include "../../src/enrollment/account_schema.hpp"

#include <doctest.h>

#include "phyllo/enrollment/errc.hpp"
#include "support/temporary_directory.hpp"

namespace account_schema_test {

using namespace phyllo;
using namespace phyllo::enrollment;

TEST_CASE("the tables are made in a new database, once") {
  const testing::temporary_directory d;
  const auto db = database::open(d.file("accounts.sqlite")).value();
  REQUIRE(prepare_account_schema(*db));
  REQUIRE(db->execute("UPDATE change SET latest = 7"));
  REQUIRE(prepare_account_schema(*db));
  CHECK(db->number("SELECT latest FROM change").value() == 7);
  for (const auto* table : {"account", "node", "node_limit"})
    CHECK(db->number((std::string("SELECT count(*) FROM ") + table).c_str()).has_value());
}

TEST_CASE("a Node-ID is one device's, and the latest change stands once") {
  const testing::temporary_directory d;
  const auto db = database::open(d.file("accounts.sqlite")).value();
  REQUIRE(prepare_account_schema(*db));
  REQUIRE(db->execute("INSERT INTO node VALUES ('a@b', 'one', x'01', 0, 0, 0)"));
  CHECK_FALSE(db->execute("INSERT INTO node VALUES ('a@b', 'two', x'01', 0, 0, 0)"));
  CHECK_FALSE(db->execute("INSERT INTO node VALUES ('a@b', 'one', x'02', 0, 0, 0)"));
  CHECK_FALSE(db->execute("INSERT INTO change VALUES (2, 0)"));
}

TEST_CASE("a database of another version of this program is left alone, and the error says which") {
  const testing::temporary_directory d;
  for (const auto& [version, word] : {std::pair(4, "an older version"), std::pair(6, "a newer version")}) {
    const auto db = database::open(d.file(std::to_string(version))).value();
    REQUIRE(db->execute(("PRAGMA user_version = " + std::to_string(version)).c_str()));
    const auto prepared = prepare_account_schema(*db);
    REQUIRE_FALSE(prepared);
    CHECK(prepared.error() == errc::database);
    CHECK(prepared.error().message().find(word) != std::string::npos);
    CHECK(db->number("SELECT count(*) FROM sqlite_schema").value() == 0);
  }
}

}  // namespace account_schema_test
