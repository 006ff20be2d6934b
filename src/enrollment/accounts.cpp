#include "phyllo/enrollment/accounts.hpp"

#include <algorithm>

#include "account_schema.hpp"
#include "account_table.hpp"
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

// What is lost is lost at once; what is gained counts from the next certificate on, which is asked for at once.
core::status entitle(domain_key_table& keys, revocation_table& revocations, const std::string& user, const std::vector<std::string>& had,
                     const std::vector<std::string>& has) {
  if (had == has) return {};
  if (std::ranges::includes(has, had)) return revocations.outdate(user, now());
  if (auto ok = keys.rotate_of(user, now()); !ok) return ok;
  return revocations.revoke(user, revocation_table::cause::authority, now());
}

class sqlite_accounts final : public accounts {
 public:
  explicit sqlite_accounts(std::unique_ptr<database> db) : database_(std::move(db)) {}

  core::status prepare(std::chrono::seconds certificate_lifetime) {
    if (auto ok = table_.prepare(*database_); !ok) return ok;
    if (auto ok = revocations_.prepare(*database_, certificate_lifetime); !ok) return ok;
    if (auto ok = keys_.prepare(*database_); !ok) return ok;
    return nodes_.prepare(*database_);
  }

  core::status add(const prepared_account& a, bool replace) override {
    return changing([&](std::int64_t change) -> core::status {
      const auto known = table_.exists(a.user);
      if (!known) return core::fail(known.error());
      if (*known && !replace) return core::fail(errc::account_exists, a.user);
      if (auto ok = keys_.rotate_of(a.user, now()); !ok) return ok;
      if (auto ok = revocations_.come_in(a.user, *known, now()); !ok) return ok;
      if (auto ok = nodes_.set_peers(a.user, a.peers); !ok) return ok;
      return table_.add(a, replace, change);
    });
  }

  core::status add_all(const std::vector<prepared_account>& all) override {
    return changing([&](std::int64_t change) -> core::status {
      for (const auto& a : all) {
        const auto known = table_.exists(a.user);
        if (!known) return core::fail(known.error());
        if (auto ok = revocations_.come_in(a.user, *known, now()); !ok) return ok;
        if (auto ok = keys_.rotate_of(a.user, now()); !ok) return ok;
        if (auto ok = nodes_.set_peers(a.user, a.peers); !ok) return ok;
        if (auto ok = table_.add(a, true, change); !ok) return ok;
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
      const auto had = table_.domains_of(name);
      if (!had) return core::fail(had.error());
      if (auto ok = nodes_.set_peers(name, to.peers); !ok) return ok;
      if (!to.domains) return {};
      if (auto ok = entitle(keys_, revocations_, name, *had, *to.domains); !ok) return ok;
      return table_.set_domains(name, *to.domains, change);
    });
  }

  core::status remove(const std::string& user) override {
    const auto name = identity::canonical_user(user);
    return changing([&](std::int64_t) -> core::status {
      const auto known = table_.exists(name);
      if (!known) return core::fail(known.error());
      if (!*known) return core::fail(errc::no_such_account, name);
      if (auto ok = keys_.rotate_of(name, now()); !ok) return ok;
      if (auto ok = revocations_.revoke(name, revocation_table::cause::account, now()); !ok) return ok;
      if (auto ok = revocations_.withdraw(name); !ok) return ok;
      if (auto ok = nodes_.forget(name); !ok) return ok;
      return table_.remove(name);
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

  core::result<std::vector<account>> list() override { return table_.list(); }
  core::result<std::vector<account>> changed_since(std::int64_t change) override { return table_.changed_since(change); }
  core::result<std::int64_t> latest_change() override { return table_.latest_change(); }

  // The error names the user as he was asked for.
  core::result<digest_secret> secret(const std::string& user) override {
    auto found = table_.secret(identity::canonical_user(user));
    if (!found && found.error() == errc::no_such_account) return core::fail(errc::no_such_account, user);
    return found;
  }

  core::result<password_check> check_for(const std::string& user, unsigned unknown_log2_n) override {
    return table_.check_for(identity::canonical_user(user), unknown_log2_n);
  }

  core::status raise_cost(const std::string& user, const password_check& checked, const raised_cost& to) override {
    return table_.raise_cost(identity::canonical_user(user), checked, to);
  }

  core::result<account> authenticate(const std::string& user, const std::string& password) override {
    auto check = check_for(user, login_settings().scrypt_log2_n);
    if (!check) return core::fail(check.error());
    if (!right_password(*check, password)) return core::fail(errc::failed_authentication);
    return *std::move(check->known);
  }

  core::result<identity::node_id> node_id_for(const node_request& q, const node_limits& limits) override {
    auto own = q;
    own.user = identity::canonical_user(q.user);
    auto t = transaction::begin(*database_);
    if (!t) return core::fail(t.error());
    const auto known = table_.exists(own.user);
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

  core::result<node_owner> owner_of(const identity::node_id& node) override { return table_.owner_of(node); }

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
    const auto change = table_.next_change();
    if (!change) return core::fail(change.error());
    if (auto ok = f(*change); !ok) return ok;
    return (*t)->commit();
  }

  std::unique_ptr<database> database_;
  account_table table_;
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
