// One joiner at a time: what a root admits, and what a neighbour grants (specification of the Pastry plug-in, joining).
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class joiner_grant {
 public:
  // "one joiner at a time, until its Update(active) or 10 s"
  static constexpr core::duration lifetime = std::chrono::seconds(10);

  // Free, expired, or held by `n`: it is n's now, for another lifetime.
  bool take(const node_id& n, core::time_point now) {
    if (busy_for(n, now)) return false;
    holder_ = n;
    until_ = now + lifetime;
    return true;
  }
  bool release(const node_id& n) {
    if (holder_ != n) return false;
    holder_.reset();
    return true;
  }
  [[nodiscard]] bool busy_for(const node_id& n, core::time_point now) const { return holder_ && *holder_ != n && now < until_; }
  // The holder whose time is up; it holds nothing any more.
  std::optional<node_id> expire(core::time_point now) {
    if (!holder_ || now < until_) return std::nullopt;
    return std::exchange(holder_, std::nullopt);
  }
  [[nodiscard]] const std::optional<node_id>& holder() const noexcept { return holder_; }

 private:
  std::optional<node_id> holder_;
  core::time_point until_{};
};

}  // namespace phyllo::overlay
