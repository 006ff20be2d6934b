// The little of SQLite that accounts need, with errors as values.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::enrollment {

class database;

// A prepared statement, used again and again. bind, step and column as SQLite counts them: parameters from 1,
// columns from 0.
class statement {
 public:
  statement& bind(int at, std::string_view text);
  statement& bind(int at, core::byte_view blob);
  statement& bind(int at, std::int64_t number);

  // True: a row is there; false: done. The statement must be reset() before it runs anew.
  [[nodiscard]] core::result<bool> step();
  // Runs to its end, ignoring rows, and resets.
  [[nodiscard]] core::status run();
  void reset() noexcept;

  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] core::bytes blob(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;

 private:
  friend class database;
  struct finalizer {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

// Resets a statement when its rows have been read.
class running {
 public:
  explicit running(statement& s) : statement_(s) {}
  ~running() { statement_.reset(); }
  running(const running&) = delete;
  running& operator=(const running&) = delete;

 private:
  statement& statement_;
};

class database {
 public:
  // Created with permissions 0600. errc::database.
  [[nodiscard]] static core::result<std::unique_ptr<database>> open(const std::string& path);
  [[nodiscard]] core::status execute(const char* sql);  // several statements, no results
  [[nodiscard]] core::result<statement> prepare(const char* sql);
  [[nodiscard]] core::result<std::int64_t> number(const char* sql);  // the first column of the first row

 private:
  struct closer {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, closer> handle_;
};

// BEGIN IMMEDIATE until commit(); rolled back otherwise.
class transaction {
 public:
  [[nodiscard]] static core::result<std::unique_ptr<transaction>> begin(database& db);
  explicit transaction(database& db) : database_(db) {}
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  [[nodiscard]] core::status commit();

 private:
  database& database_;
  bool open_ = true;
};

}  // namespace phyllo::enrollment
