#include "sqlite.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "phyllo/enrollment/errc.hpp"

namespace phyllo::enrollment {
namespace {

// Another process that writes holds the lock for milliseconds; an import of many accounts for a second or two.
constexpr int busy_timeout_ms = 10000;

std::unexpected<core::error> failure(sqlite3* db) { return core::fail(errc::database, sqlite3_errmsg(db)); }

int size_of(std::size_t n) { return static_cast<int>(n); }

// Only its owner may read passwords' verifiers; SQLite gives its journal files the same permissions.
core::status create_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return core::fail(errc::database, path + ": " + std::strerror(errno));
  ::close(fd);
  return {};
}

}  // namespace

statement& statement::bind(int at, std::string_view text) {
  sqlite3_bind_text(handle_.get(), at, text.data(), size_of(text.size()), SQLITE_TRANSIENT);
  return *this;
}

statement& statement::bind(int at, core::byte_view blob) {
  sqlite3_bind_blob(handle_.get(), at, blob.data(), size_of(blob.size()), SQLITE_TRANSIENT);
  return *this;
}

statement& statement::bind(int at, std::int64_t number) {
  sqlite3_bind_int64(handle_.get(), at, number);
  return *this;
}

core::result<bool> statement::step() {
  const int r = sqlite3_step(handle_.get());
  if (r == SQLITE_ROW) return true;
  if (r == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(handle_.get()));
}

core::status statement::run() {
  const running guard(*this);
  while (true) {  // ends with the statement's last row, or its failure
    const auto row = step();
    if (!row) return core::fail(row.error());
    if (!*row) return {};
  }
}

void statement::reset() noexcept {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

std::string statement::text(int column) const {
  const auto* data = sqlite3_column_text(handle_.get(), column);
  return data == nullptr
             ? std::string()
             : std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}

core::bytes statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_.get(), column));
  return data == nullptr ? core::bytes() : core::bytes(data, data + sqlite3_column_bytes(handle_.get(), column));
}

std::int64_t statement::number(int column) const { return sqlite3_column_int64(handle_.get(), column); }

core::result<std::unique_ptr<database>> database::open(const std::string& path) {
  if (auto ok = create_private(path); !ok) return core::fail(ok.error());
  sqlite3* raw = nullptr;
  const int r = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto db = std::make_unique<database>();
  db->handle_.reset(raw);
  if (r != SQLITE_OK) return core::fail(errc::database, path + ": " + sqlite3_errstr(r));
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, busy_timeout_ms);
  // WAL: readers of other processes go on while one writes. FULL: what was answered survives a power failure.
  if (auto ok = db->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"); !ok) return core::fail(ok.error().at(path));
  return db;
}

core::status database::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure(handle_.get());
  return {};
}

core::result<statement> database::prepare(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) return failure(handle_.get());
  statement s;
  s.handle_.reset(raw);
  return s;
}

core::result<std::int64_t> database::number(const char* sql) {
  auto s = prepare(sql);
  if (!s) return core::fail(s.error());
  const auto row = s->step();
  if (!row) return core::fail(row.error());
  return *row ? s->number(0) : 0;
}

core::result<std::unique_ptr<transaction>> transaction::begin(database& db) {
  if (auto ok = db.execute("BEGIN IMMEDIATE"); !ok) return core::fail(ok.error());
  return std::make_unique<transaction>(db);
}

transaction::~transaction() {
  if (open_) (void)database_.execute("ROLLBACK");
}

core::status transaction::commit() {
  auto ok = database_.execute("COMMIT");
  if (ok) open_ = false;
  return ok;
}

}  // namespace phyllo::enrollment
