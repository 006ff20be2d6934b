// Where callees are, asked of the overlay once for all who wait for the same name: whoever asks while a look-up of it is under way shares
// the next one with all others who ask until that begins. So a flood costs one look-up after another, and nobody is told what was so before
// he asked.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::sip {

class callee_lookup {
 public:
  using answer = core::result<overlay::outcome>;

  // Both must outlive it. At most `names_max` are looked up at a time, for strangers half of it.
  callee_lookup(core::environment& env, overlay::overlay& overlay, std::size_t names_max)
      : env_(env), overlay_(overlay), names_max_(names_max), scope_(env) {}

  // Awaits the look-up of a user's locations; null: too many are under way, or it has stopped.
  core::awaitable<std::shared_ptr<const answer>> get(std::string user, bool for_stranger);

  [[nodiscard]] std::size_t names() const noexcept { return rounds_.size(); }
  core::awaitable<void> stop();  // cancels and joins; whoever still waits is told null

 private:
  struct round {
    std::vector<std::shared_ptr<core::timer>> waiting;
    std::shared_ptr<const answer> found;
    bool over = false;
  };
  using round_ptr = std::shared_ptr<round>;

  core::awaitable<void> ask(std::string user);
  static void finish(const round_ptr& r, std::shared_ptr<const answer> found);

  core::environment& env_;
  overlay::overlay& overlay_;
  std::size_t names_max_;
  std::map<std::string, round_ptr> rounds_;  // by the names that are looked up: who has asked since the look-up began; null: nobody
  bool stopped_ = false;
  core::task_scope scope_;
};

}  // namespace phyllo::sip
