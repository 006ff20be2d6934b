// Whether a stranger may have our work: token buckets before any cryptography.
// Every refusal is counted by its reason.
#pragma once

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/source_limit.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::transport {

class admission {
 public:
  // Both must outlive it.
  admission(core::environment& env, core::metrics& m, const host_limits& limits);
  void set(const host_limits& limits);  // from now on; who is in stays

  // A STUN answer by UDP, to an address that has not shown that it receives.
  [[nodiscard]] bool stun_answer(const asio::ip::address& to);
  // The check of a token that somebody claims to have from us.
  [[nodiscard]] bool stun_proof(const asio::ip::address& from);
  // A handshake that others begin, over TLS or DTLS.
  [[nodiscard]] bool handshake(const asio::ip::address& from);

 private:
  [[nodiscard]] bool within(core::source_limit& of_source, core::token_bucket& of_all, double per_second, const asio::ip::address& from,
                            const char* reason);

  core::environment& env_;
  core::metrics& metrics_;
  host_limits limits_;
  core::source_limit answers_;
  core::source_limit proofs_;
  core::source_limit handshakes_;
  core::token_bucket all_answers_;
  core::token_bucket all_proofs_;
  core::token_bucket all_handshakes_;
};

}  // namespace phyllo::transport
