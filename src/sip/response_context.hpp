// The response context of a forked request (RFC 3261 s.16.7): which branches run, what of their answers goes upstream,
// who is cancelled, and which answer is the best. Pure: told what happened and when, it says what to do.
//
// A target is a phone. It may have registered by several flows (RFC 5626), and several ways may lead over each. They are not forks. The
// next way of a flow is tried when one has failed (no answer, no connection, 430), or after `hedge` without any answer at all. The next
// flow is tried when all ways of the one before have failed, and not before: else one phone would ring twice (RFC 5626 s.7). What the phone
// answers by one way is its answer, a 503 too (s.16.7): only of a supernode on the way does a 503 say that this way has failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/sip/service_settings.hpp"

namespace phyllo::sip {

struct fork_options {
  bool invite = true;
  // Some of the phones may know nothing of this dialog: the next one is asked after a 481.
  bool searching = false;
  core::duration t1 = transaction_settings().t1;
  // Three transmissions at T1 = 500 ms (0, 0.5 and 1.5 s) have then been in vain; a phone that lost one of them is not
  // asked twice.
  core::duration hedge = t1 * 7 / 2;
  // A phone that has said nothing for so long (four transmissions, at 0, 0.5, 1.5 and 3.5 s, and no 100) keeps nobody waiting for what
  // another phone has answered.
  core::duration silence = t1 * 8;
  // s.9.1: a request whose CANCEL brought no final answer in 64*T1 is over.
  core::duration cancel_patience = t1 * 64;
};

// Who sent a response: the phone, or what it has behind it; or a supernode, for the phone or for itself.
enum class answered_by : std::uint8_t { phone, node };

// Where a branch leads: target and way as numbered by the caller.
struct attempt {
  std::size_t branch = 0;
  std::size_t target = 0;
  std::size_t way = 0;
};

// What the caller is to do, in this order.
struct fork_step {
  bool forward = false;             // the response just told goes upstream
  std::vector<std::size_t> cancel;  // branches
  std::vector<attempt> start;       // requests to send; those that cannot be are told by on_failure
  struct verdict {
    int status = 0;
    std::optional<std::size_t> branch;         // whose answer to send; none: one of our own with `status`
    std::vector<std::size_t> also_challenged;  // s.16.7 step 7: their challenges are added to a 401 or 407
  };
  std::optional<verdict> answer;  // the final one, unless it is a forwarded 2xx
};

class response_context {
 public:
  // Of one target: how many ways each of its flows has, at least one. Ways are numbered through all flows.
  using flows = std::vector<std::size_t>;
  // `groups`: targets by falling q, each group forked in parallel when the one before is through.
  response_context(fork_options o, const std::vector<flows>& targets, std::vector<std::vector<std::size_t>> groups);

  [[nodiscard]] fork_step begin(core::time_point now);
  [[nodiscard]] fork_step on_response(std::size_t branch, int status, core::time_point now, answered_by by = answered_by::phone);
  // Without a response: 408 (Timer B, F, C) or 503 (transport).
  [[nodiscard]] fork_step on_failure(std::size_t branch, int status, core::time_point now);
  // s.16.8: Timer C of a branch that has had provisional responses.
  [[nodiscard]] fork_step on_timer_c(std::size_t branch, core::time_point now);
  // s.16.10; later 2xx still go upstream.
  [[nodiscard]] fork_step on_cancel(core::time_point now);
  [[nodiscard]] fork_step on_time(core::time_point now);
  // When on_time is due; time_point::max(): never.
  [[nodiscard]] core::time_point next_time() const;

  [[nodiscard]] bool answered() const noexcept { return answered_; }  // a final answer has gone upstream
  [[nodiscard]] bool provisional(std::size_t branch) const { return branches_.at(branch).heard; }

 private:
  struct branch_state {
    std::size_t target = 0;
    core::time_point began{};
    core::time_point hedge_at;                           // while silent
    core::time_point over_at = core::time_point::max();  // when cancelled
    bool heard = false;                                  // any response
    int status = 0;                                      // final one; 0: running
    bool useless = false;                                // it has ended, but another way or flow may be better
    bool received = false;                               // as a message, not as a failure
  };
  struct target_state {
    std::vector<std::size_t> flow_ends;  // the number of the first way after each flow; the last one: how many there are
    std::size_t tried = 0;
    bool through = false;
  };

  void start_group(fork_step& s, core::time_point now);
  void start_way(std::size_t target, fork_step& s, core::time_point now);
  void end_branch(std::size_t branch, fork_step& s, core::time_point now);
  void end_target(std::size_t target, fork_step& s, core::time_point now);
  void cancel_all(fork_step& s, core::time_point now);
  void conclude(fork_step& s, core::time_point now);
  void give_up_silent(fork_step& s, core::time_point now);
  [[nodiscard]] bool one_has_answered() const;
  [[nodiscard]] bool running(std::size_t target) const;
  [[nodiscard]] bool useless(int status, answered_by by) const;
  [[nodiscard]] static bool more_ways(const target_state& t);  // of the flow that is being tried
  static void leave_flow(target_state& t);                     // what is left of its ways is not tried
  [[nodiscard]] bool group_through() const;
  [[nodiscard]] fork_step::verdict best() const;

  fork_options options_;
  std::vector<target_state> targets_;
  std::vector<std::vector<std::size_t>> groups_;
  std::size_t next_group_ = 0;
  std::vector<branch_state> branches_;
  bool closed_ = false;  // no new branches: 2xx, 6xx or CANCEL
  bool cancelled_ = false;
  bool answered_ = false;
};

}  // namespace phyllo::sip
