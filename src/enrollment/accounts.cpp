#include "phyllo/enrollment/accounts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "account_schema.hpp"
#include "domain_key_table.hpp"
#include "node_table.hpp"
#include "password.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/names.hpp"
#include "prepared_account.hpp"
#include "revocation_table.hpp"
#include "sqlite.hpp"

namespace phyllo::enrollment {
namespace {

core::wall_time now() { return std::chrono::time_point_cast<core::wall_time::duration>(std::chrono::system_clock::now()); }

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

class sqlite_accounts final : public accounts {
 public:
  explicit sqlite_accounts(std::unique_ptr<database> db) : database_(std::move(db)) {}

  core::status prepare(std::chrono::seconds certificate_lifetime) {
    const auto one = [this](statement& to, const char* sql) -> core::status {
      auto s = database_->prepare(sql);
      if (!s) return core::fail(s.error());
      to = *std::move(s);
      return {};
    };
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
      if (auto ok = one(*to, sql); !ok) return ok;
    }
    if (auto ok = revocations_.prepare(*database_, certificate_lifetime); !ok) return ok;
    if (auto ok = keys_.prepare(*database_); !ok) return ok;
    return nodes_.prepare(*database_);
  }

  core::status add(const prepared_account& a, bool replace) override {
    return changing([&](std::int64_t change) -> core::status {
      const auto known = exists(a.user);
      if (!known) return core::fail(known.error());
      if (*known && !replace) return core::fail(errc::account_exists, a.user);
      if (auto ok = keys_.rotate_of(a.user, now()); !ok) return ok;
      if (auto ok = come_in(a.user, *known); !ok) return ok;
      if (auto ok = nodes_.set_peers(a.user, a.peers); !ok) return ok;
      return write(replace ? replace_ : insert_, a, change);
    });
  }

  core::status add_all(const std::vector<prepared_account>& all) override {
    return changing([&](std::int64_t change) -> core::status {
      for (const auto& a : all) {
        const auto known = exists(a.user);
        if (!known) return core::fail(known.error());
        if (auto ok = come_in(a.user, *known); !ok) return ok;
        if (auto ok = keys_.rotate_of(a.user, now()); !ok) return ok;
        if (auto ok = nodes_.set_peers(a.user, a.peers); !ok) return ok;
        if (auto ok = write(replace_, a, change); !ok) return ok;
      }
      return {};
    });
  }

  core::status change(const std::string& user, account_change to) override {
    const auto name = identity::canonical_user(user);
    if (to.domains) {
      if (auto ok = tidy_authority(*to.domains); !ok) return ok;
    }
    return changing([&](std::int64_t change) -> core::status {
      const auto had = domains_of(name);
      if (!had) return core::fail(had.error());
      if (auto ok = nodes_.set_peers(name, to.peers); !ok) return ok;
      if (!to.domains) return {};
      if (auto ok = entitle(name, *had, *to.domains); !ok) return ok;
      return set_domains_.bind(1, name).bind(2, print_domains(*to.domains)).bind(3, change).run();
    });
  }

  core::status remove(const std::string& user) override {
    const auto name = identity::canonical_user(user);
    return changing([&](std::int64_t) -> core::status {
      const auto known = exists(name);
      if (!known) return core::fail(known.error());
      if (!*known) return core::fail(errc::no_such_account, name);
      if (auto ok = keys_.rotate_of(name, now()); !ok) return ok;
      if (auto ok = revocations_.revoke(name, revocation_table::cause::account, now()); !ok) return ok;
      if (auto ok = revocations_.withdraw(name); !ok) return ok;
      if (auto ok = nodes_.forget(name); !ok) return ok;
      return remove_.bind(1, name).run();
    });
  }

  core::result<std::vector<user_revocation>> revocations(core::wall_time at) override { return revocations_.list(at); }
  core::result<std::uint32_t> revoked_before(const std::string& user) override {
    return revocations_.revoked_before(identity::canonical_user(user));
  }
  core::result<std::uint32_t> fresh_from(const std::string& user) override {
    return revocations_.fresh_from(identity::canonical_user(user));
  }
  core::result<std::uint32_t> proves_from(const std::string& user) override {
    return revocations_.proves_from(identity::canonical_user(user));
  }
  core::result<std::chrono::seconds> longest_certificate() override { return revocations_.longest_certificate(); }
  core::result<std::vector<std::string>> withdrawals() override { return revocations_.withdrawals(); }
  core::status withdrawn(const std::string& user) override { return revocations_.withdrawn(user); }

  core::result<std::vector<account>> list() override { return read_all(list_); }
  core::result<std::vector<account>> changed_since(std::int64_t change) override { return read_all(changed_since_.bind(1, change)); }

  core::result<digest_secret> secret(const std::string& user) override {
    const running guard(secret_);
    const auto row = secret_.bind(1, identity::canonical_user(user)).step();
    if (!row) return core::fail(row.error());
    if (!*row) return core::fail(errc::no_such_account, user);
    return digest_secret{secret_.text(0), secret_.text(1), secret_.text(2), secret_.text(3)};
  }

  core::result<std::int64_t> latest_change() override {
    const running guard(latest_);
    const auto row = latest_.step();
    if (!row) return core::fail(row.error());
    return latest_.number(0);
  }

  core::result<password_check> check_for(const std::string& user, unsigned unknown_log2_n) override {
    const running guard(check_);
    const auto row = check_.bind(1, identity::canonical_user(user)).step();
    if (!row) return core::fail(row.error());
    if (!*row) return password_check{core::bytes(salt_bytes), core::bytes(verifier_bytes), unknown_log2_n, std::nullopt};
    return password_check{check_.blob(3), check_.blob(4), static_cast<unsigned>(check_.number(5)), read_account(check_)};
  }

  core::status raise_cost(const std::string& user, const password_check& checked, const raised_cost& to) override {
    return raise_cost_.bind(1, identity::canonical_user(user))
        .bind(2, core::byte_view(to.salt))
        .bind(3, core::byte_view(to.verifier))
        .bind(4, std::int64_t{to.scrypt_log2_n})
        .bind(5, core::byte_view(checked.verifier))
        .run();
  }

  core::result<account> authenticate(const std::string& user, const std::string& password) override {
    auto check = check_for(user, account_options().scrypt_log2_n);
    if (!check) return core::fail(check.error());
    if (!right_password(*check, password)) return core::fail(errc::failed_authentication);
    return *std::move(check->known);
  }

  core::result<identity::node_id> node_id_for(const node_request& q, const node_limits& limits) override {
    auto own = q;
    own.user = identity::canonical_user(q.user);
    auto t = transaction::begin(*database_);
    if (!t) return core::fail(t.error());
    const auto known = exists(own.user);
    if (!known) return core::fail(known.error());
    if (!*known) return core::fail(errc::no_such_account, own.user);
    auto id = nodes_.take(own, limits);
    if (!id) return id;
    if (auto ok = (*t)->commit(); !ok) return core::fail(ok.error());
    return id;
  }

  core::result<std::optional<unsigned>> peers_of(const std::string& user) override {
    return nodes_.peers_of(identity::canonical_user(user));
  }

  core::result<node_owner> owner_of(const identity::node_id& node) override {
    const running guard(owner_);
    const auto row = owner_.bind(1, node.view()).step();
    if (!row) return core::fail(row.error());
    if (!*row) return core::fail(errc::no_such_account, "no account has node " + node.hex());
    return node_owner{read_account(owner_), owner_.text(3)};
  }

  core::result<std::vector<domain_key>> domain_keys(const std::string& domain) override {
    auto known = keys_.find(domain);
    if (!known || !known->empty()) return known;
    const auto made = changing([&](std::int64_t) -> core::status {
      const auto meanwhile = keys_.find(domain);  // another process may have been quicker
      if (!meanwhile) return core::fail(meanwhile.error());
      if (!meanwhile->empty()) return {};
      const auto first = keys_.add_next(domain, {});
      return first ? core::status() : core::fail(first.error());
    });
    if (!made) return core::fail(made.error());
    return keys_.find(domain);
  }

  core::result<std::vector<std::string>> domains_with_keys() override { return keys_.domains(); }

  core::result<std::uint32_t> rotate_domain_key(const std::string& domain, core::wall_time made) override {
    core::result<std::uint32_t> next = 0;
    const auto done = changing([&](std::int64_t) -> core::status {
      next = keys_.add_next(domain, made);
      return next ? core::status() : core::fail(next.error());
    });
    if (!done) return core::fail(done.error());
    return next;
  }

  core::status rotate_domain_keys_of(const std::string& user) override {
    return changing([&](std::int64_t) -> core::status { return keys_.rotate_of(identity::canonical_user(user), now()); });
  }

  core::status rotate_domain_keys_for(std::vector<identity::node_id> revoked) override {
    std::ranges::sort(revoked);
    const auto found = keys_.holders_of(revoked);
    if (!found) return core::fail(found.error());
    if (found->empty()) return {};
    return changing([&](std::int64_t) -> core::status {
      for (const auto& [node, user] : *found) {
        if (auto ok = keys_.rotate_of(user, now()); !ok) return ok;
        if (auto ok = keys_.done_for(node); !ok) return ok;
      }
      return {};
    });
  }

  core::status forget_domain_keys(const std::string& domain, std::uint32_t before_generation) override {
    return changing([&](std::int64_t) -> core::status { return keys_.forget_before(domain, before_generation); });
  }

 private:
  // Runs `f` in a transaction that has the number of its change.
  template <class Function>
  core::status changing(Function f) {
    auto t = transaction::begin(*database_);
    if (!t) return core::fail(t.error());
    const auto change = next_change();
    if (!change) return core::fail(change.error());
    if (auto ok = f(*change); !ok) return ok;
    return (*t)->commit();
  }

  // Of an account that is written: what its former password was good for is over, and nothing of it is to be withdrawn any more.
  core::status come_in(const std::string& user, bool known) {
    if (auto ok = revocations_.withdrawn(user); !ok || !known) return ok;
    return revocations_.revoke(user, revocation_table::cause::account, now());
  }

  // What is lost is lost at once; what is gained counts from the next certificate on, which is asked for at once.
  core::status entitle(const std::string& user, const std::vector<std::string>& had, const std::vector<std::string>& has) {
    if (had == has) return {};
    if (std::ranges::includes(has, had)) return revocations_.outdate(user, now());
    if (auto ok = keys_.rotate_of(user, now()); !ok) return ok;
    return revocations_.revoke(user, revocation_table::cause::authority, now());
  }

  core::result<std::int64_t> next_change() {
    const running guard(next_);
    const auto row = next_.step();
    if (!row) return core::fail(row.error());
    return next_.number(0);
  }

  // Sorted. no_such_account.
  core::result<std::vector<std::string>> domains_of(const std::string& user) {
    const running guard(check_);
    const auto row = check_.bind(1, user).step();
    if (!row) return core::fail(row.error());
    if (!*row) return core::fail(errc::no_such_account, user);
    return read_account(check_).domains;
  }

  core::result<bool> exists(const std::string& user) {
    const running guard(exists_);
    return exists_.bind(1, user).step();
  }

  static core::status write(statement& s, const prepared_account& a, std::int64_t change) {
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

  static core::result<std::vector<account>> read_all(statement& s) {
    const running guard(s);
    std::vector<account> all;
    while (true) {  // ends with the last row, or SQLite's failure
      const auto row = s.step();
      if (!row) return core::fail(row.error());
      if (!*row) return all;
      all.push_back(read_account(s));
    }
  }

  std::unique_ptr<database> database_;
  statement insert_, replace_, remove_, exists_, list_, changed_since_, secret_, check_, set_domains_, raise_cost_, owner_, latest_, next_;
  node_table nodes_;
  domain_key_table keys_;
  revocation_table revocations_;
};

}  // namespace

core::result<core::wall_time> not_before_of(accounts& a, const std::string& user, core::wall_time now) {
  const auto from = a.fresh_from(user);
  if (!from) return core::fail(from.error());
  return std::max(now, core::from_unix_milliseconds(std::uint64_t{*from} * 1000)) - identity::certificates_dated_back;
}

core::result<std::unique_ptr<accounts>> accounts::open(const std::string& path, std::chrono::seconds certificate_lifetime) {
  auto db = database::open(path);
  if (!db) return core::fail(db.error());
  if (auto ok = prepare_account_schema(**db); !ok) return core::fail(ok.error().at(path));
  auto a = std::make_unique<sqlite_accounts>(*std::move(db));
  if (auto ok = a->prepare(certificate_lifetime); !ok) return core::fail(ok.error().at(path));
  return a;
}

}  // namespace phyllo::enrollment
