#include "revocation_signer.hpp"

#include "overlay_authority.hpp"

namespace phyllo::node {
namespace {

constexpr auto entries_end_every = std::chrono::hours(1);  // those that have ended go together: their going is a change like any other

}  // namespace

core::result<std::vector<identity::revocation>> revocation_signer::wanted(const std::vector<identity::node_id>& bad_nodes,
                                                                          core::wall_time now) {
  const auto users = accounts_.revocations(now);
  if (!users) return core::fail(users.error());
  std::vector<identity::revocation> all;
  const auto in_force = trust_.revocations().entries();
  all.reserve(users->size() + bad_nodes.size() + in_force.size());
  for (const auto& u : *users) all.push_back({identity::revoked_user(u.user), u.before});
  for (const auto& n : bad_nodes) all.push_back({n, identity::revoked_for_good});
  // The accounts may be those of a backup: what was revoked since stays so until the last certificate that it is of has ended.
  const auto last = static_cast<std::int64_t>(core::unix_milliseconds(now) / 1000) - configuration_.login.certificate_lifetime.count();
  for (const auto& e : in_force) {
    if (e.before != identity::revoked_for_good && e.before > last) all.push_back(e);
  }
  return all;
}

core::result<std::optional<identity::revocation_list::next>> revocation_signer::due(core::wall_time now) {
  using nothing = std::optional<identity::revocation_list::next>;
  const auto change = accounts_.latest_change();
  if (!change) return core::fail(change.error());
  auto bad_nodes = read_bad_nodes(configuration_);
  if (!bad_nodes) return core::fail(bad_nodes.error());
  const auto& list = trust_.revocations();
  if (list.number() != 0 && *change == change_ && *bad_nodes == bad_nodes_ && now < look_again_) return nothing();
  auto all = wanted(*bad_nodes, now);
  if (!all) return core::fail(all.error());
  change_ = *change;
  bad_nodes_ = std::move(*bad_nodes);
  look_again_ = now + entries_end_every;
  // The number follows the clock: after a loss of the data directory it still rises.
  return list.succeed(std::move(*all), core::unix_milliseconds(now) / 1000, configuration_.overlay.name, signer_);
}

}  // namespace phyllo::node
