#include "node_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "password.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace phyllo::enrollment {
namespace {

using std::chrono::hours;
constexpr auto day = hours(24);
// A device that comes back within it has the Node-ID that it had, if there is room for it.
constexpr auto remembered = hours(24 * 30);

std::int64_t milliseconds(core::wall_time t) { return static_cast<std::int64_t>(core::unix_milliseconds(t)); }

identity::node_id random_node_id() {
  auto id = identity::node_id::from_bytes(random_bytes(identity::node_id::size));
  while (id->reserved()) id = identity::node_id::from_bytes(random_bytes(identity::node_id::size));  // ends: two of 2^128 are reserved
  return *id;
}

std::unexpected<core::error> too_many(std::string why) { return core::fail(errc::node_ids_not_available, std::move(why)); }

}  // namespace

core::status node_table::prepare(database& db) {
  const std::pair<statement*, const char*> table[] = {
      {&find_, "SELECT node_id, ends_ms, peer_until_ms FROM node WHERE user = ?1 AND device = ?2"},
      {&update_, "UPDATE node SET ends_ms = ?3, peer_until_ms = ?4 WHERE user = ?1 AND device = ?2"},
      {&add_, "INSERT INTO node (user, device, node_id, made_ms, ends_ms, peer_until_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
      {&peers_, "SELECT count(*) FROM node WHERE user = ?1 AND device <> ?2 AND peer_until_ms > ?3"},
      {&clients_, "SELECT count(*) FROM node WHERE user = ?1 AND device <> ?2 AND ends_ms > ?3 AND peer_until_ms <= ?3"},
      {&made_, "SELECT count(*) FROM node WHERE user = ?1 AND device <> ?2 AND made_ms > ?3"},
      {&forget_old_, "DELETE FROM node WHERE user = ?1 AND ends_ms < ?2"},
      {&forget_, "DELETE FROM node WHERE user = ?1"},
      {&limit_, "SELECT peers FROM node_limit WHERE user = ?1"},
      {&set_limit_, "INSERT OR REPLACE INTO node_limit VALUES (?1, ?2)"},
      {&unset_limit_, "DELETE FROM node_limit WHERE user = ?1"},
  };
  for (const auto& [to, sql] : table) {
    auto s = db.prepare(sql);
    if (!s) return core::fail(s.error());
    *to = *std::move(s);
  }
  return {};
}

core::result<node_table::row> node_table::find(const node_request& q) {
  const running guard(find_);
  const auto found = find_.bind(1, q.user).bind(2, q.device).step();
  if (!found) return core::fail(found.error());
  if (!*found) return row{};
  return row{identity::node_id::from_bytes(find_.blob(0)), find_.number(1), find_.number(2)};
}

core::result<std::int64_t> node_table::count(statement& s, const node_request& q, std::int64_t number) {
  const running guard(s);
  const auto found = s.bind(1, q.user).bind(2, q.device).bind(3, number).step();
  if (!found) return core::fail(found.error());
  return s.number(0);
}

core::result<identity::node_id> node_table::take(const node_request& q, const node_limits& limits) {
  if (auto ok = forget_old_.bind(1, q.user).bind(2, milliseconds(q.now - remembered)).run(); !ok) return core::fail(ok.error());
  const auto at = find(q);
  if (!at) return core::fail(at.error());
  if (auto ok = check_limits(q, *at, limits); !ok) return core::fail(ok.error());
  const auto until = milliseconds(q.until);
  const auto peer_until = q.peer ? std::max(until, at->peer_until_ms) : at->peer_until_ms;
  if (at->id) {
    auto ok = update_.bind(1, q.user).bind(2, q.device).bind(3, std::max(until, at->ends_ms)).bind(4, peer_until).run();
    if (!ok) return core::fail(ok.error());
    return *at->id;
  }
  const auto id = random_node_id();
  add_.bind(1, q.user).bind(2, q.device).bind(3, id.view());
  if (auto ok = add_.bind(4, milliseconds(q.now)).bind(5, until).bind(6, peer_until).run(); !ok) return core::fail(ok.error());
  return id;
}

// A Node-ID counts until its last certificate ends: so one that is given up comes back no sooner. What a device has already it keeps.
core::status node_table::check_limits(const node_request& q, const row& at, const node_limits& limits) {
  const auto now = milliseconds(q.now);
  const auto own = peers_of(q.user);
  if (!own) return core::fail(own.error());
  const auto peers_max = own->value_or(limits.peers);
  if (q.peer && at.peer_until_ms <= now) {
    const auto used = count(peers_, q, now);
    if (!used) return core::fail(used.error());
    if (*used >= peers_max) return too_many(fmt::format("{} has {} of {} peers", q.user, *used, peers_max));
  }
  if (!q.peer && (at.ends_ms <= now || at.peer_until_ms > now)) {
    const auto used = count(clients_, q, now);
    if (!used) return core::fail(used.error());
    if (*used >= limits.devices) return too_many(fmt::format("{} has {} of {} devices", q.user, *used, limits.devices));
  }
  if (at.id) return {};
  const auto today = count(made_, q, milliseconds(q.now - day));
  if (!today) return core::fail(today.error());
  const auto a_day = std::int64_t{peers_max} + limits.devices;
  if (*today >= a_day) return too_many(fmt::format("{} was given {} Node-IDs within a day", q.user, *today));
  return {};
}

core::status node_table::set_peers(const std::string& user, std::optional<unsigned> peers) {
  if (!peers) return {};
  return set_limit_.bind(1, user).bind(2, std::int64_t{*peers}).run();
}

core::result<std::optional<unsigned>> node_table::peers_of(const std::string& user) {
  const running guard(limit_);
  const auto found = limit_.bind(1, user).step();
  if (!found) return core::fail(found.error());
  if (!*found) return std::optional<unsigned>();
  return static_cast<unsigned>(limit_.number(0));
}

core::status node_table::forget(const std::string& user) {
  if (auto ok = forget_.bind(1, user).run(); !ok) return ok;
  return unset_limit_.bind(1, user).run();
}

}  // namespace phyllo::enrollment
