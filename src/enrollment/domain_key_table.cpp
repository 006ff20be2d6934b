#include "domain_key_table.hpp"

#include <algorithm>
#include <utility>

#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/domain_keyring.hpp"

namespace phyllo::enrollment {
namespace {

constexpr const char* domain_key_schema = R"(
CREATE TABLE IF NOT EXISTS domain_key (
  domain TEXT NOT NULL, generation INTEGER NOT NULL,
  private_key BLOB NOT NULL,
  made_ms INTEGER NOT NULL,   -- 0: in use without delay
  PRIMARY KEY (domain, generation)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rotated_for (node_id BLOB PRIMARY KEY) WITHOUT ROWID;  -- revoked Node-IDs
)";

std::int64_t milliseconds(core::wall_time t) { return static_cast<std::int64_t>(core::unix_milliseconds(t)); }

// Columns generation, private_key, made_ms.
core::result<domain_key> read_key(const std::string& domain, const statement& s) {
  auto pair = identity::seal_key_of(s.blob(1));
  const auto generation = s.number(0);
  if (!pair || generation < 1 || generation > UINT32_MAX || s.number(2) < 0)
    return core::fail(errc::database, "the key of " + domain + " is none");
  return domain_key{domain, static_cast<std::uint32_t>(generation), *std::move(pair),
                    core::from_unix_milliseconds(static_cast<std::uint64_t>(s.number(2)))};
}

}  // namespace

core::status domain_key_table::prepare(database& db) {
  if (auto made = db.execute(domain_key_schema); !made) return made;
  const std::pair<statement*, const char*> table[] = {
      {&find_, "SELECT generation, private_key, made_ms FROM domain_key WHERE domain = ?1 ORDER BY generation"},
      {&add_, "INSERT INTO domain_key VALUES (?1, ?2, ?3, ?4)"},
      {&authority_,
       "SELECT DISTINCT value FROM account, json_each(account.domains) WHERE user = ?1 AND value IN (SELECT domain FROM domain_key)"},
      {&holders_,
       "SELECT node_id, user FROM account NATURAL JOIN node WHERE domains <> '[]' AND node_id NOT IN (SELECT node_id FROM rotated_for)"},
      {&done_, "INSERT OR IGNORE INTO rotated_for VALUES (?1)"},
      {&forget_, "DELETE FROM domain_key WHERE domain = ?1 AND generation < ?2"},
      {&domains_, "SELECT DISTINCT domain FROM domain_key ORDER BY domain"},
  };
  for (const auto& [to, sql] : table) {
    auto s = db.prepare(sql);
    if (!s) return core::fail(s.error());
    *to = *std::move(s);
  }
  return {};
}

core::result<std::vector<domain_key>> domain_key_table::find(const std::string& domain) {
  const running guard(find_);
  find_.bind(1, domain);
  std::vector<domain_key> all;
  while (true) {  // ends with the last row, or a failure
    const auto row = find_.step();
    if (!row) return core::fail(row.error());
    if (!*row) return all;
    auto key = read_key(domain, find_);
    if (!key) return core::fail(key.error());
    all.push_back(*std::move(key));
  }
}

core::result<std::uint32_t> domain_key_table::add_next(const std::string& domain, core::wall_time made) {
  const auto known = find(domain);
  if (!known) return core::fail(known.error());
  const auto next = known->empty() ? 1 : known->back().generation + 1;
  const auto pair = identity::generate_seal_key();
  const auto at = known->empty() ? core::wall_time() : made;  // nothing was made with another
  if (auto ok = add_.bind(1, domain).bind(2, std::int64_t{next}).bind(3, pair.private_key).bind(4, milliseconds(at)).run(); !ok)
    return core::fail(ok.error());
  if (known->size() < identity::domain_keyring::generations_max) return next;
  const auto kept = (*known)[known->size() - identity::domain_keyring::generations_max + 1].generation;
  if (auto ok = forget_before(domain, kept); !ok) return core::fail(ok.error());
  return next;
}

core::status domain_key_table::rotate_of(const std::string& user, core::wall_time now) {
  const auto all = texts(authority_.bind(1, user));
  if (!all) return core::fail(all.error());
  for (const auto& domain : *all) {
    if (auto next = add_next(domain, now); !next) return core::fail(next.error());
  }
  return {};
}

// The few nodes with authority are looked for among the many that are revoked.
core::result<std::vector<domain_key_table::holder>> domain_key_table::holders_of(const std::vector<identity::node_id>& sorted) {
  const running guard(holders_);
  std::vector<holder> all;
  while (true) {  // ends with the last row, or SQLite's failure
    const auto row = holders_.step();
    if (!row) return core::fail(row.error());
    if (!*row) return all;
    const auto id = identity::node_id::from_bytes(holders_.blob(0));
    if (id && std::ranges::binary_search(sorted, *id)) all.push_back({*id, holders_.text(1)});
  }
}

core::status domain_key_table::done_for(const identity::node_id& node) { return done_.bind(1, node.view()).run(); }

core::status domain_key_table::forget_before(const std::string& domain, std::uint32_t generation) {
  return forget_.bind(1, domain).bind(2, std::int64_t{generation}).run();
}

core::result<std::vector<std::string>> domain_key_table::domains() { return texts(domains_); }

core::result<std::vector<std::string>> domain_key_table::texts(statement& s) {
  const running guard(s);
  std::vector<std::string> all;
  while (true) {  // ends with the last row, or SQLite's failure
    const auto row = s.step();
    if (!row) return core::fail(row.error());
    if (!*row) return all;
    all.push_back(s.text(0));
  }
}

}  // namespace phyllo::enrollment
