// Whether a stranger may have our work: token buckets before any cryptography, and how many connections one address holds.
// Every refusal is counted by its reason.
#pragma once

#include <memory>
#include <unordered_map>

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
  // A connection's place among those of its address, held as long as the pointer. Null: refused.
  [[nodiscard]] std::shared_ptr<void> connection(const asio::ip::address& from);

 private:
  using counts = std::unordered_map<std::uint64_t, std::size_t, core::keyed_hasher>;
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
  std::shared_ptr<counts> connections_;
};

}  // namespace phyllo::transport
