// The channels of one allocation (RFC 8656 s.12): numbers that stand for peers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "phyllo/core/endpoint.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::nat {

class channel_table {
 public:
  static constexpr core::duration lifetime = std::chrono::seconds(600);  // s.12: "Channel bindings last for 10 minutes unless refreshed"

  enum class binding : std::uint8_t {
    done,
    taken,  // the number or the peer is bound otherwise: 400
    full,   // 508
  };

  channel_table(std::size_t max, const core::hash_key& key)
      : max_(max), by_number_(0, core::keyed_hasher{key}), by_peer_(0, core::keyed_hasher{key}) {}

  // What bind() would say, without doing it.
  [[nodiscard]] binding may_bind(std::uint16_t number, const core::endpoint& peer, core::time_point now);
  [[nodiscard]] binding bind(std::uint16_t number, const core::endpoint& peer, core::time_point now);
  // Null: not bound.
  [[nodiscard]] const core::endpoint* peer_of(std::uint16_t number, core::time_point now) const;
  [[nodiscard]] std::optional<std::uint16_t> number_of(const core::endpoint& peer, core::time_point now) const;
  [[nodiscard]] std::size_t size() const noexcept { return by_number_.size(); }

 private:
  struct bound {
    core::endpoint peer;
    core::time_point until;
  };
  void forget_expired(core::time_point now);

  std::size_t max_;
  std::unordered_map<std::uint64_t, bound, core::keyed_hasher> by_number_;
  std::unordered_map<core::endpoint, std::uint16_t, core::keyed_hasher> by_peer_;  // of the same
};

}  // namespace phyllo::nat
