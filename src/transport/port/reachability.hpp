// Mutual return reachability before DTLS (F3 of the links specification), and the STUN Binding server that carries it.
//
//   A -> B  Binding request, REACH = 100 zero bytes (so that the answer is never the larger)
//   B -> A  success, XOR-MAPPED-ADDRESS, REACH = 16 bytes of HMAC(rotating key, A's address and port)
//   A -> B  Binding indication with that REACH, then ClientHello
//
// Until the indication B keeps nothing. The transaction id proves B to A, the token A to B.
#pragma once

#include <array>
#include <optional>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/stun/message.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

inline constexpr std::size_t reach_padding = 100;
inline constexpr std::size_t reach_token_size = 16;

class reachability {
 public:
  static constexpr core::duration key_lifetime = std::chrono::seconds(60);
  static constexpr core::duration proof_lifetime = std::chrono::seconds(10);
  static constexpr std::size_t proofs_max = 4096;  // a ClientHello follows its proof at once: the oldest makes room

  // Both must outlive it.
  reachability(core::environment& env, core::metrics& m);

  // The answer to a STUN message that reached our endpoint `to`, if it has one. It is never larger than the request but
  // for a bare Binding request's mapped address (RFC 8489), and at most 72 bytes.
  [[nodiscard]] std::optional<core::bytes> on_stun(const stun::message& m, const endpoint& from, const endpoint& to);

  // Takes the proof that `from` receives at its address; false: none, or older than proof_lifetime.
  [[nodiscard]] bool take_proof(const endpoint& from, const endpoint& to);

  // A's side: request and indication.
  [[nodiscard]] static stun::message request(core::environment& env);
  [[nodiscard]] static std::optional<core::bytes> indication(core::environment& env, const stun::message& answer);

 private:
  using key = std::array<std::uint8_t, 32>;
  struct five_tuple {
    endpoint from;
    endpoint to;
    friend bool operator==(const five_tuple&, const five_tuple&) = default;
    friend std::uint64_t keyed_hash(const core::hash_key& key, const five_tuple& t) noexcept {
      return keyed_hash(key, t.from) ^ t.to.port;  // the own end: a stranger chooses among a few ports only
    }
  };

  void rotate();
  static core::bytes token(const key& k, const endpoint& of);
  void on_indication(const stun::message& m, const endpoint& from, const endpoint& to);

  core::environment& env_;
  core::metrics& metrics_;
  key current_{};
  key previous_{};
  core::time_point rotated_;
  core::bounded_map<five_tuple, core::time_point> proofs_;  // and until when
};

}  // namespace phyllo::transport
