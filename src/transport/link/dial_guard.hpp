// What everything passes that a host dials: whether the address is one to dial at all, and how much was sent there of late, whoever asked
// for it. Until somebody there has authenticated, a target gets a few packets and connections only.
#pragma once

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/source_limit.hpp"
#include "phyllo/transport/address_policy.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::transport {

class dial_guard {
 public:
  // Of one target address (IPv6: a /64): datagrams and connections. Two whole ladders at once; then one a ladder's time.
  static constexpr double burst = 24;
  static constexpr double per_second = 1;
  static constexpr std::size_t targets_max = 16'384;

  // All must outlive it.
  dial_guard(core::environment& env, core::metrics& m, const host_options& o);

  // Whether it may be dialled by anybody's word.
  [[nodiscard]] bool allows(const endpoint& to) const;
  // One datagram, or one connection. errc::refused (an address that is not dialled), errc::overloaded (that is enough for now); counted.
  [[nodiscard]] core::status spend(const endpoint& to);
  // It is a node's: what was spent is given back.
  void authenticated(const endpoint& at) { spent_.clear(at.address); }

 private:
  void look_around() const;

  core::environment& env_;
  core::metrics& metrics_;
  const host_options& options_;
  mutable address_policy policy_;
  mutable core::time_point looked_;
  core::source_limit spent_;
};

}  // namespace phyllo::transport
