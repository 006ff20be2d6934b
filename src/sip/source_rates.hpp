// How much one address may say (rates.source_messages_per_second): datagrams beyond it are dropped, and streams are read later. Nodes and
// configured peers pass on the messages of many.
#pragma once

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/source_limit.hpp"
#include "phyllo/sip/service_settings.hpp"
#include "transport_layer.hpp"
#include "trust_domain.hpp"

namespace phyllo::sip {

class source_rates {
 public:
  // References outlive it.
  source_rates(core::environment& env, const service_settings& s, const trust_domain& trusted, core::metrics& m)
      : env_(env),
        trusted_(trusted),
        metrics_(m),
        sources_({s.rates.source_messages_per_second, s.rates.source_messages_burst}, core::random_hash_key(env),
                 &m.evictions("sip_sources")) {}

  void limit(double messages_per_second, double burst) { sources_.limit(messages_per_second, burst); }

  // False: a datagram is to be dropped, and is counted.
  [[nodiscard]] bool admits(const asio::ip::address& from) {
    const bool admitted = sources_.admit(from, env_.now());
    if (!admitted) metrics_.drop("sip_source_rate");
    return admitted;
  }

  // How long to wait before the next message of a stream is read.
  [[nodiscard]] core::duration pace(const source& from) {
    if (from.peer || trusted_.trusted_peer(from)) return {};
    return sources_.pace(from.remote.address, env_.now());
  }

 private:
  core::environment& env_;
  const trust_domain& trusted_;
  core::metrics& metrics_;
  core::source_limit sources_;
};

}  // namespace phyllo::sip
