#include "revocation_table.hpp"

#include <utility>

#include "phyllo/identity/revocation.hpp"

namespace phyllo::enrollment {
namespace {

constexpr const char* revocation_schema = R"(
CREATE TABLE IF NOT EXISTS revoked_user (
  user TEXT PRIMARY KEY,
  before_s INTEGER NOT NULL,   -- certificates that were issued before this second
  until_s INTEGER NOT NULL,    -- the last of them has ended
  proves_s INTEGER NOT NULL    -- from this second on they prove whose they are
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outdated_user (
  user TEXT PRIMARY KEY,
  before_s INTEGER NOT NULL, until_s INTEGER NOT NULL   -- as above
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS withdrawal (user TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS longest_certificate (only INTEGER PRIMARY KEY CHECK (only = 1), seconds INTEGER NOT NULL);
)";

std::int64_t seconds(core::wall_time t) { return static_cast<std::int64_t>(core::unix_milliseconds(t) / 1000); }

}  // namespace

core::status revocation_table::prepare(database& db, std::chrono::seconds lifetime) {
  if (auto made = db.execute(revocation_schema); !made) return made;
  const std::pair<statement*, const char*> table[] = {
      {&longest_, "INSERT INTO longest_certificate VALUES (1, ?1) ON CONFLICT DO UPDATE SET seconds = max(seconds, ?1)"},
      {&longest_is_, "SELECT seconds FROM longest_certificate"},
      {&revoke_,
       "INSERT INTO revoked_user SELECT ?1, ?2, ?2 + seconds, ?3 FROM longest_certificate WHERE true"
       " ON CONFLICT DO UPDATE SET before_s = excluded.before_s, until_s = excluded.until_s, proves_s = max(proves_s, excluded.proves_s)"},
      {&outdate_, "INSERT OR REPLACE INTO outdated_user SELECT ?1, ?2, ?2 + seconds FROM longest_certificate"},
      {&forget_, "DELETE FROM revoked_user WHERE until_s <= ?1"},
      {&forget_outdated_, "DELETE FROM outdated_user WHERE until_s <= ?1"},
      {&list_,
       "SELECT user, before_s, until_s, 0 FROM revoked_user WHERE until_s > ?1"
       " UNION ALL SELECT user, before_s, until_s, 1 FROM outdated_user WHERE until_s > ?1 ORDER BY 1, 4"},
      {&before_, "SELECT before_s FROM revoked_user WHERE user = ?1"},
      {&fresh_,
       "SELECT max(before_s) FROM (SELECT before_s FROM revoked_user WHERE user = ?1"
       " UNION ALL SELECT before_s FROM outdated_user WHERE user = ?1)"},
      {&proves_, "SELECT proves_s FROM revoked_user WHERE user = ?1"},
      {&withdraw_, "INSERT OR REPLACE INTO withdrawal VALUES (?1)"},
      {&withdrawn_, "DELETE FROM withdrawal WHERE user = ?1"},
      {&withdrawals_, "SELECT user FROM withdrawal ORDER BY user"},
  };
  for (const auto& [to, sql] : table) {
    auto s = db.prepare(sql);
    if (!s) return core::fail(s.error());
    *to = *std::move(s);
  }
  return longest_.bind(1, std::int64_t{lifetime.count()}).run();
}

core::status revocation_table::forget_ended(core::wall_time now) {
  if (auto ok = forget_.bind(1, seconds(now)).run(); !ok) return ok;
  return forget_outdated_.bind(1, seconds(now)).run();
}

core::status revocation_table::revoke(const std::string& user, cause why, core::wall_time now) {
  if (auto ok = forget_ended(now); !ok) return ok;
  const auto before = std::int64_t{identity::revoked_before(now)};
  return revoke_.bind(1, user).bind(2, before).bind(3, why == cause::account ? before : std::int64_t{0}).run();
}

core::status revocation_table::outdate(const std::string& user, core::wall_time now) {
  if (auto ok = forget_ended(now); !ok) return ok;
  return outdate_.bind(1, user).bind(2, std::int64_t{identity::revoked_before(now)}).run();
}

core::status revocation_table::come_in(const std::string& user, bool known, core::wall_time now) {
  if (auto ok = withdrawn(user); !ok || !known) return ok;
  return revoke(user, cause::account, now);
}

core::result<std::vector<user_revocation>> revocation_table::list(core::wall_time now) {
  const running guard(list_);
  list_.bind(1, seconds(now));
  std::vector<user_revocation> all;
  while (true) {  // ends with the last row, or SQLite's failure
    const auto row = list_.step();
    if (!row) return core::fail(row.error());
    if (!*row) return all;
    const auto until = core::from_unix_milliseconds(static_cast<std::uint64_t>(list_.number(2)) * 1000);
    all.push_back({list_.text(0), static_cast<std::uint32_t>(list_.number(1)), until, list_.number(3) == 1});
  }
}

// 0: there is no row.
core::result<std::uint32_t> revocation_table::second_of(statement& s, const std::string& user) {
  const running guard(s);
  const auto row = s.bind(1, user).step();
  if (!row) return core::fail(row.error());
  return *row ? static_cast<std::uint32_t>(s.number(0)) : 0;
}

core::result<std::uint32_t> revocation_table::revoked_before(const std::string& user) { return second_of(before_, user); }
core::result<std::uint32_t> revocation_table::fresh_from(const std::string& user) { return second_of(fresh_, user); }
core::result<std::uint32_t> revocation_table::proves_from(const std::string& user) { return second_of(proves_, user); }

core::result<std::chrono::seconds> revocation_table::longest_certificate() {
  const running guard(longest_is_);
  const auto row = longest_is_.step();
  if (!row) return core::fail(row.error());
  return std::chrono::seconds(longest_is_.number(0));
}

core::status revocation_table::withdraw(const std::string& user) { return withdraw_.bind(1, user).run(); }
core::status revocation_table::withdrawn(const std::string& user) { return withdrawn_.bind(1, user).run(); }

core::result<std::vector<std::string>> revocation_table::withdrawals() {
  const running guard(withdrawals_);
  std::vector<std::string> all;
  while (true) {  // ends with the last row, or SQLite's failure
    const auto row = withdrawals_.step();
    if (!row) return core::fail(row.error());
    if (!*row) return all;
    all.push_back(withdrawals_.text(0));
  }
}

}  // namespace phyllo::enrollment
