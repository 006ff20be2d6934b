// One joiner at a time: what a root admits, and what a neighbour grants (specification of the Pastry plug-in, joining).
#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

// A joiner has one window of time in which to become active, from the first time that it is taken: asking again does not prolong it, nor
// does giving back. When it is over the joiner waits, twice as long each time, and those who asked meanwhile come first, in their order.
class joiner_grant {
 public:
  static constexpr core::duration window = std::chrono::seconds(6);  // honest ones take one or two
  static constexpr core::duration wait_longest = std::chrono::minutes(10);
  static constexpr core::duration patience = std::chrono::seconds(3);  // who waits asks again at least every 1.5 s, or has gone
  static constexpr std::size_t remembered_max = 256;
  static constexpr std::size_t waiting_max = 32;

  explicit joiner_grant(const core::hash_key& key) : known_(remembered_max, key) {}

  // It is n's: it is its turn, and within its window. Else n waits in the queue, unless its window is over, or the queue is full.
  bool take(const node_id& n, core::time_point now);
  // `n` gives it back or waits for it no more, or is gone. Its window goes on.
  bool release(const node_id& n);
  // `n` is active: it is remembered no more.
  void settle(const node_id& n);
  // Somebody else holds it or comes first, or n has to wait after its window.
  [[nodiscard]] bool busy_for(const node_id& n, core::time_point now) const;
  // The holder whose window is over; it holds nothing any more.
  std::optional<node_id> expire(core::time_point now);
  [[nodiscard]] const std::optional<node_id>& holder() const noexcept { return holder_; }

 private:
  struct history {
    core::time_point until{};  // the window's end
    core::duration wait{};     // after it, before another one begins
  };
  struct asker {
    node_id node;
    core::time_point asked;
  };
  [[nodiscard]] bool may(const node_id& n, core::time_point now) const;
  void queue(const node_id& n, core::time_point now);
  void begin(const node_id& n, core::time_point now);

  std::optional<node_id> holder_;
  core::time_point until_{};  // of the holder's window
  core::bounded_map<node_id, history> known_;
  std::deque<asker> waiting_;
};

}  // namespace phyllo::overlay
