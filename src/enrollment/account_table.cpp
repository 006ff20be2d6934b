#include "account_table.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "password.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "prepared_account.hpp"

namespace phyllo::enrollment {
namespace {

std::string print_domains(const std::vector<std::string>& domains) { return nlohmann::json(domains).dump(); }

std::vector<std::string> parse_domains(const std::string& text) {
  const auto j = nlohmann::json::parse(text, nullptr, false);
  std::vector<std::string> domains;
  if (!j.is_array()) return domains;
  for (const auto& d : j) {
    if (d.is_string()) domains.push_back(d.get<std::string>());
  }
  return domains;
}

// Columns user, domains, changed.
account read_account(const statement& s) { return {s.text(0), parse_domains(s.text(1)), s.number(2)}; }

core::status bind_all(statement& s, const prepared_account& a, std::int64_t change) {
  return s.bind(1, a.user)
      .bind(2, core::byte_view(a.salt))
      .bind(3, core::byte_view(a.verifier))
      .bind(4, std::int64_t{a.scrypt_log2_n})
      .bind(5, a.secret.sha256)
      .bind(6, a.secret.md5)
      .bind(7, print_domains(a.domains))
      .bind(8, change)
      .bind(9, a.secret.sha256_whole)
      .bind(10, a.secret.md5_whole)
      .run();
}

core::result<std::vector<account>> read_all(statement& s) {
  const running guard(s);
  std::vector<account> all;
  while (true) {  // ends with the last row, or SQLite's failure
    const auto row = s.step();
    if (!row) return core::fail(row.error());
    if (!*row) return all;
    all.push_back(read_account(s));
  }
}

core::result<std::int64_t> read_number(statement& s) {
  const running guard(s);
  const auto row = s.step();
  if (!row) return core::fail(row.error());
  return s.number(0);
}

}  // namespace

core::status account_table::prepare(database& db) {
  const std::pair<statement*, const char*> table[] = {
      {&insert_, "INSERT INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"},
      {&replace_, "INSERT OR REPLACE INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"},
      {&remove_, "DELETE FROM account WHERE user = ?1"},
      {&exists_, "SELECT 1 FROM account WHERE user = ?1"},
      {&list_, "SELECT user, domains, changed FROM account ORDER BY user"},
      {&changed_since_, "SELECT user, domains, changed FROM account WHERE changed > ?1 ORDER BY changed, user"},
      {&secret_, "SELECT ha1_sha256, ha1_md5, ha1_sha256_whole, ha1_md5_whole FROM account WHERE user = ?1"},
      {&check_, "SELECT user, domains, changed, salt, verifier, log2_n FROM account WHERE user = ?1"},
      {&set_domains_, "UPDATE account SET domains = ?2, changed = ?3 WHERE user = ?1"},
      {&raise_cost_, "UPDATE account SET salt = ?2, verifier = ?3, log2_n = ?4 WHERE user = ?1 AND verifier = ?5"},
      {&owner_, "SELECT user, domains, changed, device FROM account NATURAL JOIN node WHERE node_id = ?1"},
      {&latest_, "SELECT latest FROM change"},
      {&next_, "UPDATE change SET latest = latest + 1 RETURNING latest"},
  };
  for (const auto& [to, sql] : table) {
    auto s = db.prepare(sql);
    if (!s) return core::fail(s.error());
    *to = *std::move(s);
  }
  return {};
}

core::status account_table::add(const prepared_account& a, bool replace, std::int64_t change) {
  return bind_all(replace ? replace_ : insert_, a, change);
}

core::status account_table::set_domains(const std::string& user, const std::vector<std::string>& domains, std::int64_t change) {
  return set_domains_.bind(1, user).bind(2, print_domains(domains)).bind(3, change).run();
}

core::status account_table::raise_cost(const std::string& user, const password_check& checked, const raised_cost& to) {
  return raise_cost_.bind(1, user)
      .bind(2, core::byte_view(to.salt))
      .bind(3, core::byte_view(to.verifier))
      .bind(4, std::int64_t{to.scrypt_log2_n})
      .bind(5, core::byte_view(checked.verifier))
      .run();
}

core::status account_table::remove(const std::string& user) { return remove_.bind(1, user).run(); }

core::result<bool> account_table::exists(const std::string& user) {
  const running guard(exists_);
  return exists_.bind(1, user).step();
}

core::result<std::vector<std::string>> account_table::domains_of(const std::string& user) {
  const running guard(check_);
  const auto row = check_.bind(1, user).step();
  if (!row) return core::fail(row.error());
  if (!*row) return core::fail(errc::no_such_account, user);
  return read_account(check_).domains;
}

core::result<digest_secret> account_table::secret(const std::string& user) {
  const running guard(secret_);
  const auto row = secret_.bind(1, user).step();
  if (!row) return core::fail(row.error());
  if (!*row) return core::fail(errc::no_such_account, user);
  return digest_secret{secret_.text(0), secret_.text(1), secret_.text(2), secret_.text(3)};
}

core::result<password_check> account_table::check_for(const std::string& user, unsigned unknown_log2_n) {
  const running guard(check_);
  const auto row = check_.bind(1, user).step();
  if (!row) return core::fail(row.error());
  if (!*row) return password_check{core::bytes(salt_bytes), core::bytes(verifier_bytes), unknown_log2_n, std::nullopt};
  return password_check{check_.blob(3), check_.blob(4), static_cast<unsigned>(check_.number(5)), read_account(check_)};
}

core::result<node_owner> account_table::owner_of(const identity::node_id& node) {
  const running guard(owner_);
  const auto row = owner_.bind(1, node.view()).step();
  if (!row) return core::fail(row.error());
  if (!*row) return core::fail(errc::no_such_account, "no account has node " + node.hex());
  return node_owner{read_account(owner_), owner_.text(3)};
}

core::result<std::vector<account>> account_table::list() { return read_all(list_); }
core::result<std::vector<account>> account_table::changed_since(std::int64_t change) { return read_all(changed_since_.bind(1, change)); }

core::result<std::int64_t> account_table::latest_change() { return read_number(latest_); }
core::result<std::int64_t> account_table::next_change() { return read_number(next_); }

}  // namespace phyllo::enrollment
