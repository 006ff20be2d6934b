// Statements to a database that somebody else than its owner changes.
#pragma once

#include <doctest.h>
#include <sqlite3.h>

#include <string>

namespace phyllo::testing {

inline void execute(const std::string& file, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace phyllo::testing
