// From which addresses an allocation takes datagrams (RFC 8656 s.9).
#pragma once

#include <chrono>
#include <span>
#include <unordered_map>

#include "phyllo/core/endpoint.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::nat {

class permission_table {
 public:
  static constexpr core::duration lifetime = std::chrono::seconds(300);  // s.9: "The Permission Lifetime MUST be 300 seconds"

  permission_table(std::size_t max, const core::hash_key& key) : max_(max), until_(0, core::keyed_hasher{key}) {}

  [[nodiscard]] bool allows(const asio::ip::address& peer, core::time_point now) const {
    const auto at = until_.find({peer, 0});
    return at != until_.end() && at->second > now;
  }
  // All of them or none; false: there is no room. What has expired makes room.
  [[nodiscard]] bool install(std::span<const core::endpoint> peers, core::time_point now) {
    if (until_.size() + peers.size() > max_) std::erase_if(until_, [now](const auto& p) { return p.second <= now; });
    std::size_t further = 0;
    for (const auto& p : peers) further += until_.contains({p.address, 0}) ? 0U : 1U;
    if (until_.size() + further > max_) return false;
    for (const auto& p : peers) until_[{p.address, 0}] = now + lifetime;
    return true;
  }
  [[nodiscard]] std::size_t size() const noexcept { return until_.size(); }

 private:
  std::size_t max_;
  std::unordered_map<core::endpoint, core::time_point, core::keyed_hasher> until_;  // of port 0: ports do not count
};

}  // namespace phyllo::nat
