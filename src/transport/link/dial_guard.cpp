#include "link/dial_guard.hpp"

#include "phyllo/transport/errc.hpp"
#include "port/own_addresses.hpp"

namespace phyllo::transport {
namespace {

// A host that binds no address of its own may move from one network to another.
constexpr core::duration look_every = std::chrono::seconds(10);

address_policy policy_of(core::environment& env, const host_options& o) {
  return {own_addresses(o, env.get_executor()), own_ports(o), o.named};
}

}  // namespace

dial_guard::dial_guard(core::environment& env, core::metrics& m, const host_options& o)
    : env_(env),
      metrics_(m),
      options_(o),
      policy_(policy_of(env, o)),
      looked_(env.now()),
      spent_({.per_second = per_second, .burst = burst, .sources_max = targets_max}, core::random_hash_key(env),
             &m.evictions("dial_targets")) {
  for (const auto* reason : {"dial_address", "dial_budget"})
    m.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", reason}});
}

void dial_guard::look_around() const {
  if (!options_.address.is_unspecified() || env_.now() - looked_ < look_every) return;
  looked_ = env_.now();
  policy_ = policy_of(env_, options_);
}

bool dial_guard::allows(const endpoint& to) const {
  look_around();
  return policy_.may_dial(to);
}

core::status dial_guard::spend(const endpoint& to) {
  if (!allows(to)) {
    metrics_.drop("dial_address");
    return core::fail(errc::refused, to.text() + " is no address to dial from here");
  }
  if (spent_.admit(to.address, env_.now())) return {};
  metrics_.drop("dial_budget");
  return core::fail(errc::overloaded, "enough was sent to " + to.address.to_string());
}

}  // namespace phyllo::transport
