// What users, addresses and all together may have of a TURN server (RFC 8656 s.7.2, s.21.3.1): allocations, and bytes a second.
#pragma once

#include <string>
#include <unordered_map>

#include "phyllo/core/source_limit.hpp"
#include "phyllo/nat/turn_settings.hpp"
#include "turn/byte_budget.hpp"

namespace phyllo::nat {

class turn_quotas {
 public:
  turn_quotas(const turn_limits& limits, const core::hash_key& key);

  // One more allocation, or reservation, of theirs: 0: granted, and to be given back by release(); 486 or 508.
  [[nodiscard]] int take(const std::string& user, const asio::ip::address& client);
  void release(const std::string& user, const asio::ip::address& client);
  // Whether so many bytes may be relayed for that user, who has an allocation.
  [[nodiscard]] bool carry(const std::string& user, std::size_t bytes, core::time_point now);

  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }

 private:
  struct use {
    std::size_t allocations = 0;
    byte_budget budget;
  };

  turn_limits limits_;
  std::size_t taken_ = 0;
  byte_budget all_;
  std::unordered_map<std::string, use, core::keyed_hasher> users_;                // who has an allocation: no more than those
  std::unordered_map<std::uint64_t, std::size_t, core::keyed_hasher> addresses_;  // by core::source_key
};

}  // namespace phyllo::nat
