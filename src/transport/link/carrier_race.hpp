// Connecting to one node by several rungs in the manner of RFC 8305: staggered, the first that authenticates wins.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "link/frame_carrier.hpp"
#include "link/ladder.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"

namespace phyllo::transport {

// An authenticated carrier that nobody has yet; closed unless it is taken.
class dialled_carrier {
 public:
  dialled_carrier(std::shared_ptr<frame_carrier> carrier, std::optional<core::duration> rtt) : carrier_(std::move(carrier)), rtt_(rtt) {}
  ~dialled_carrier() {
    if (carrier_) carrier_->close();
  }
  dialled_carrier(dialled_carrier&&) noexcept = default;
  dialled_carrier& operator=(dialled_carrier&& other) noexcept {
    std::swap(carrier_, other.carrier_);
    std::swap(rtt_, other.rtt_);
    return *this;
  }

  [[nodiscard]] std::shared_ptr<frame_carrier> take() { return std::move(carrier_); }
  [[nodiscard]] const std::optional<core::duration>& rtt() const noexcept { return rtt_; }  // a first measurement, if there is one

 private:
  std::shared_ptr<frame_carrier> carrier_;
  std::optional<core::duration> rtt_;
};

using carrier_result = core::result<dialled_carrier>;

class carrier_race {
 public:
  // Once a peer has answered by some rung, worse ones wait so long for it.
  static constexpr core::duration patience = std::chrono::seconds(1);

  // One attempt; cancelled when the race is over. It calls answered() when its peer has shown that this way is open.
  using attempt = std::function<core::awaitable<carrier_result>(ladder_step, carrier_race&)>;

  carrier_race(core::environment& env, std::vector<ladder_step> steps, attempt a);

  // Runs once; then cancel() and join() from whoever owns the race. `this` must live until joined.
  core::awaitable<carrier_result> run(core::time_point deadline);
  void answered();
  void cancel();
  core::awaitable<void> join() { return scope_.join(); }

 private:
  static core::awaitable<void> try_one(carrier_race& race, ladder_step s);
  void note(const core::error& e);

  core::environment& env_;
  std::vector<ladder_step> steps_;
  attempt attempt_;
  core::task_scope scope_;
  core::mailbox<carrier_result> results_;
  core::time_point hold_;             // nothing begins before
  std::optional<core::error> worst_;  // the one that says most
};

}  // namespace phyllo::transport
