// Relay ports that are held for whoever brings their token (RFC 8656 s.7.2, RESERVATION-TOKEN).
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "phyllo/core/time.hpp"
#include "turn/turn_actions.hpp"

namespace phyllo::nat {

struct reservation {
  std::uint64_t token = 0;
  relay_number relay = 0;
  core::time_point until;
  std::string user;  // whose quota it is of
  asio::ip::address counted_at;
};

class reservations {
 public:
  static constexpr core::duration lifetime = std::chrono::seconds(30);  // "at least 30 seconds"
  static constexpr std::size_t max = 64;

  [[nodiscard]] bool full() const noexcept { return held_.size() >= max; }
  void add(reservation r) { held_.push_back(std::move(r)); }
  // It is nobody's then.
  [[nodiscard]] std::optional<reservation> take(std::uint64_t token, core::time_point now) {
    const auto at = std::ranges::find(held_, token, &reservation::token);
    if (at == held_.end() || at->until <= now) return std::nullopt;
    auto out = std::move(*at);
    held_.erase(at);
    return out;
  }
  // The first that has expired.
  [[nodiscard]] std::optional<reservation> expired(core::time_point now) {
    if (held_.empty() || held_.front().until > now) return std::nullopt;
    auto out = std::move(held_.front());
    held_.pop_front();
    return out;
  }
  [[nodiscard]] std::optional<core::time_point> next() const { return held_.empty() ? std::nullopt : std::optional(held_.front().until); }
  [[nodiscard]] std::size_t size() const noexcept { return held_.size(); }

 private:
  std::deque<reservation> held_;  // in the order in which they expire
};

}  // namespace phyllo::nat
