#include "revocation_signer.hpp"

#include <algorithm>

namespace phyllo::enrollment {
namespace {

constexpr auto waits_at_most = std::chrono::minutes(1);
constexpr auto entries_end_every = std::chrono::hours(1);  // those that have ended go together: their going is a change like any other

}  // namespace

core::result<std::vector<identity::revocation>> revocation_signer::wanted(const std::vector<identity::node_id>& bad_nodes,
                                                                          core::wall_time now) {
  const auto users = accounts_.revocations(now);
  if (!users) return core::fail(users.error());
  std::vector<identity::revocation> all;
  all.reserve(users->size() + bad_nodes.size());
  for (const auto& u : *users) all.push_back({u.outdated ? identity::outdated_user(u.user) : identity::revoked_user(u.user), u.before});
  for (const auto& n : bad_nodes) all.push_back({n, identity::revoked_for_good});
  return all;
}

// Who was revoked stays revoked until his last certificate has ended, although accounts that are restored from a backup have forgotten it.
core::status revocation_signer::keep_unknown(std::vector<identity::revocation>& wanted, core::wall_time now) {
  const auto longest = accounts_.longest_certificate();
  if (!longest) return core::fail(longest.error());
  const auto ended = static_cast<std::int64_t>(core::unix_milliseconds(now) / 1000) - longest->count();
  std::ranges::sort(wanted, {}, &identity::revocation::key);
  const bool from_elsewhere = trust_.revocations().number() != number_;
  if (from_elsewhere) unknown_ = 0;
  std::vector<identity::revocation> kept;
  for (const auto& e : trust_.revocations().entries()) {
    if (e.before == identity::revoked_for_good || std::int64_t{e.before} <= ended) continue;
    const auto known = std::ranges::lower_bound(wanted, e.key, {}, &identity::revocation::key);
    if (known != wanted.end() && known->key == e.key && known->before >= e.before) continue;
    kept.push_back(e);
    if (from_elsewhere) ++unknown_;
  }
  wanted.insert(wanted.end(), kept.begin(), kept.end());
  return {};
}

bool revocation_signer::waits(core::wall_time now) {
  if (trust_.revocations().whole()) {
    waits_until_.reset();
    return false;
  }
  if (!waits_until_) waits_until_ = now + waits_at_most;
  return now < *waits_until_;
}

bool revocation_signer::says(std::int64_t change) const {
  const auto& list = trust_.revocations();
  return list.number() != 0 && list.whole() && list.number() == number_ && change_ >= change;
}

core::result<std::optional<identity::revocation_list::next>> revocation_signer::due(core::wall_time now) {
  using nothing = std::optional<identity::revocation_list::next>;
  if (waits(now)) return nothing();
  const auto change = accounts_.latest_change();
  if (!change) return core::fail(change.error());
  auto bad_nodes = read_bad_nodes(settings_);
  if (!bad_nodes) return core::fail(bad_nodes.error());
  const auto& list = trust_.revocations();
  const bool in_force = list.number() != 0 && list.whole() && list.number() == number_;
  if (in_force && *change == change_ && *bad_nodes == bad_nodes_ && now < look_again_) return nothing();
  auto all = wanted(*bad_nodes, now);
  if (!all) return core::fail(all.error());
  if (auto kept = keep_unknown(*all, now); !kept) return core::fail(kept.error());
  change_ = *change;
  bad_nodes_ = std::move(*bad_nodes);
  look_again_ = now + entries_end_every;
  // The number follows the clock: after a loss of the data directory it still rises.
  auto next = list.succeed(std::move(*all), core::unix_milliseconds(now) / 1000, settings_.overlay, signer_);
  number_ = next ? next->head.number : list.number();
  return next;
}

}  // namespace phyllo::enrollment
