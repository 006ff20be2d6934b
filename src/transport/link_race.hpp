// Connecting to one node by several candidates in the manner of RFC 8305: staggered, the first that authenticates wins.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/transport/link.hpp"

namespace phyllo::transport {

using link_result = core::result<std::shared_ptr<link>>;

class link_race {
 public:
  static constexpr core::duration stagger = std::chrono::milliseconds(250);  // RFC 8305 s.5's Connection Attempt Delay
  static constexpr std::size_t candidates_max = 16;

  // One attempt; cancelled when the race is over.
  using attempt = std::function<core::awaitable<link_result>(candidate)>;

  link_race(core::environment& env, const std::vector<candidate>& to, attempt a);

  // Runs once; then cancel() and join() from whoever owns the race. `this` must live until joined.
  core::awaitable<link_result> run(core::time_point deadline);
  void cancel();
  core::awaitable<void> join() { return scope_.join(); }

 private:
  static core::awaitable<void> try_one(link_race& race, candidate c);
  void note(const core::error& e);

  core::environment& env_;
  std::vector<candidate> to_;
  attempt attempt_;
  core::task_scope scope_;
  core::mailbox<link_result> results_;
  std::optional<core::error> worst_;  // the one that says most
};

}  // namespace phyllo::transport
