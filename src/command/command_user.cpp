#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "csv.hpp"
#include "owner.hpp"
#include "phyllo/command/command.hpp"
#include "phyllo/disk/private_directory.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/names.hpp"
#include "phyllo/node/account_options.hpp"
#include "phyllo/node/json_text.hpp"
#include "report.hpp"
#include "settlement.hpp"
#include "terminal.hpp"
#include "user_import.hpp"

namespace phyllo::command {
namespace {

using nlohmann::json;

struct opened {
  node::configuration settings;
  std::unique_ptr<enrollment::accounts> accounts;
};

core::result<opened> open(const source& s) {
  auto c = node::read_configuration(s.file, s.set);
  if (!c) return core::fail(c.error());
  if (!c->login.enabled) {
    return core::fail(node::errc::configuration, fmt::format("{}: login.enabled: expected true: accounts are the login server's", s.file));
  }
  if (auto as = act_as_owner(c->node.data_directory, kept_right::read); !as) return core::fail(as.error());
  if (auto made = disk::make_private_directory(c->node.data_directory); !made) return core::fail(made.error());
  auto a = enrollment::accounts::open(c->in_data_directory(c->login.database), c->login.certificate_lifetime);
  if (!a) return core::fail(a.error());
  return opened{std::move(*c), std::move(*a)};
}

void print_added(const enrollment::prepared_account& a, bool as_json, const json& also = json::object()) {
  if (as_json) {
    json out{{"user", a.user}};
    if (!a.sip_password.empty()) out["sip_password"] = a.sip_password;
    out.update(also);
    std::cout << node::printed(out) << '\n';
  } else if (!a.sip_password.empty()) {
    std::cout << csv_field(a.user) << ',' << csv_field(a.sip_password) << '\n';
  }
}

// What certificates of before count for is over where the overlay knows it. Where it can not be told that is an error, although the
// accounts are changed; where the login server does not run it is none.
core::result<json> settled(const opened& db, const user_request& r) {
  const auto change = db.accounts->latest_change();
  if (!change) return core::fail(change.error());
  const auto s = settle_accounts(db.settings, *change, r.timeout);
  if (s.why) {
    return core::fail(
        core::error(s.why->code(),
                    "the accounts are changed, but certificates of before count until the overlay knows, and it does not yet: " + s.text));
  }
  if (!r.json) std::cerr << s.text << '\n';
  json out{{"in_force", s.in_force}};
  if (!s.in_force) out["reason"] = s.text;
  return out;
}

// Whoever changes a password does not mean to take authority away.
core::result<std::vector<std::string>> authority_of(enrollment::accounts& accounts, const user_request& r) {
  if (!r.replace || !r.authority.empty() || r.no_authority) return r.authority;
  const auto all = accounts.list();
  if (!all) return core::fail(all.error());
  const auto known = std::ranges::find(*all, identity::canonical_user(r.user), &enrollment::account::user);
  return known == all->end() ? std::vector<std::string>() : known->domains;
}

core::status add(const user_request& r) {
  auto db = open(r.from);
  if (!db) return core::fail(db.error());
  const auto password = read_password(r.user);
  if (!password) return core::fail(password.error());
  const auto authority = authority_of(*db->accounts, r);
  if (!authority) return core::fail(authority.error());
  auto prepared = enrollment::prepare_account(r.user, *password, *authority, node::account_options_of(db->settings));
  if (!prepared) return core::fail(prepared.error());
  prepared->peers = r.peers;
  const bool existed = db->accounts->secret(prepared->user).has_value();
  if (auto done = db->accounts->add(*prepared, r.replace); !done) {
    if (done.error() == enrollment::errc::account_exists)
      return core::fail(enrollment::errc::account_exists,
                        fmt::format("{}; --replace gives it this password, supernode user change another authority", r.user));
    return done;
  }
  const auto also = existed ? settled(*db, r) : core::result<json>(json::object());
  print_added(*prepared, r.json, also.value_or(json::object()));
  if (!r.json && !prepared->sip_password.empty()) {
    std::cerr << "The second field is the password for SIP phones. It is shown this once.\n";
  }
  return also ? core::status() : core::fail(also.error());
}

core::status finish_change(const core::result<json>& also, const user_request& r, const char* what) {
  if (!also) return core::fail(also.error());
  json out{{"user", r.user}, {what, true}};
  out.update(*also);
  if (r.json) std::cout << node::printed(out) << '\n';
  return {};
}

// Domains are added to those that the account has: who means fewer says so by --no-authority and names those that stay.
core::status change(const user_request& r) {
  if (r.authority.empty() && !r.no_authority && !r.peers)
    return core::fail(node::errc::usage, "say what is to change: --authority DOMAIN, --no-authority or --peers N");
  auto db = open(r.from);
  if (!db) return core::fail(db.error());
  enrollment::account_change to;
  to.peers = r.peers;
  if (r.no_authority) to.domains = r.authority;
  if (!r.no_authority && !r.authority.empty()) {
    const auto all = db->accounts->list();
    if (!all) return core::fail(all.error());
    const auto known = std::ranges::find(*all, identity::canonical_user(r.user), &enrollment::account::user);
    to.domains = known == all->end() ? std::vector<std::string>() : known->domains;
    to.domains->insert(to.domains->end(), r.authority.begin(), r.authority.end());
  }
  const bool other_authority = to.domains.has_value();
  if (auto done = db->accounts->change(r.user, std::move(to)); !done) return done;
  return finish_change(other_authority ? settled(*db, r) : core::result<json>(json::object()), r, "changed");
}

core::status remove(const user_request& r) {
  auto db = open(r.from);
  if (!db) return core::fail(db.error());
  if (auto done = db->accounts->remove(r.user); !done) return done;
  return finish_change(settled(*db, r), r, "removed");
}

// Which accounts there are, `user list` says.
core::status with_next_step(core::status s) {
  if (s || !(s.error() == enrollment::errc::no_such_account)) return s;
  return core::fail(enrollment::errc::no_such_account, s.error().detail() + "; supernode user list shows those there are");
}

core::status list(const user_request& r) {
  auto db = open(r.from);
  if (!db) return core::fail(db.error());
  const auto all = db->accounts->list();
  if (!all) return core::fail(all.error());
  for (const auto& a : *all) {
    const auto own = db->accounts->peers_of(a.user);
    if (!own) return core::fail(own.error());
    if (r.json) {
      std::cout << node::printed(
                       json{{"user", a.user}, {"authority", a.domains}, {"peers", own->value_or(db->settings.login.node_ids.peers)}})
                << '\n';
    } else {
      const auto peers = *own ? fmt::format("  peers: {}", **own) : std::string();
      std::cout << fmt::format("{}{}{}{}\n", a.user, a.domains.empty() ? "" : "  authority: ", fmt::join(a.domains, " "), peers);
    }
  }
  return {};
}

core::status rotate(const user_request& r) {
  auto db = open(r.from);
  if (!db) return core::fail(db.error());
  const auto known = db->accounts->domains_with_keys();
  if (!known) return core::fail(known.error());
  if (std::ranges::find(*known, r.domain) == known->end()) {
    return core::fail(node::errc::not_found, fmt::format("{} has no key yet; those that have: {}", r.domain,
                                                         known->empty() ? "none" : fmt::format("{}", fmt::join(*known, " "))));
  }
  const auto made = r.now ? core::wall_time() : std::chrono::time_point_cast<core::wall_time::duration>(std::chrono::system_clock::now());
  const auto generation = db->accounts->rotate_domain_key(r.domain, made);
  if (!generation) return core::fail(generation.error());
  if (r.json) {
    std::cout << json{{"domain", r.domain}, {"generation", *generation}}.dump() << '\n';
  } else {
    std::cout << fmt::format("{} has generation {} of its key now\n", r.domain, *generation);
  }
  return {};
}

void summarise(const import_summary& s, std::chrono::steady_clock::duration took, bool as_json, const json& also) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  if (as_json) {
    json out{{"imported", s.imported}, {"bad_lines", s.bad_lines}, {"took_ms", ms}};
    out.update(also);
    std::cout << out.dump() << '\n';
  } else {
    std::cerr << fmt::format("{} accounts imported, {} bad lines, {:.1f} s\n", s.imported, s.bad_lines, static_cast<double>(ms) / 1000);
  }
}

core::result<import_summary> import(const user_request& r) {
  auto db = open(r.from);
  if (!db) return core::fail(db.error());
  std::ifstream file;
  if (r.file != "-") {
    file.open(r.file);
    if (!file) return core::fail(node::errc::usage, fmt::format("{}: cannot be read", r.file));
  }
  const auto started = std::chrono::steady_clock::now();
  progress bar("accounts");
  import_observer observer;
  observer.bad_line = [&](std::size_t line, const core::error& why) {
    bar.clear();
    std::cerr << fmt::format("{}:{}: {}\n", r.file == "-" ? "standard input" : r.file, line, why.message());
  };
  observer.imported = [&](const enrollment::prepared_account& a) {
    if (a.sip_password.empty()) return;
    bar.clear();
    print_added(a, r.json);
  };
  observer.progress = [&](std::size_t done) { bar.show(done, 0); };
  const import_options options{node::account_options_of(db->settings), std::max(1u, std::thread::hardware_concurrency()), r.replace};
  auto summary = import_accounts(r.file == "-" ? std::cin : file, *db->accounts, options, observer);
  bar.clear();
  if (!summary) return core::fail(summary.error().at(r.file == "-" ? "standard input" : r.file));
  const auto took = std::chrono::steady_clock::now() - started;
  auto also = r.replace && summary->imported > 0 ? settled(*db, r) : core::result<json>(json::object());
  summarise(*summary, took, r.json, also.value_or(json::object()));
  if (!also) return core::fail(also.error());
  return summary;
}

}  // namespace

exit_code add_user(const user_request& r) { return finish(add(r), r.json); }
exit_code change_user(const user_request& r) { return finish(with_next_step(change(r)), r.json); }
exit_code remove_user(const user_request& r) { return finish(with_next_step(remove(r)), r.json); }
exit_code list_users(const user_request& r) { return finish(list(r), r.json); }
exit_code rotate_domain_key(const user_request& r) { return finish(rotate(r), r.json); }

exit_code import_users(const user_request& r) {
  const auto s = import(r);
  if (!s) return report(s.error(), r.json);
  return s->bad_lines == 0 ? exit_code::ok : exit_code::usage;
}

}  // namespace phyllo::command
