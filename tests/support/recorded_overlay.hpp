// An overlay that is asked for nothing else than what a test looks at: what was stored, and what was removed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "phyllo/overlay/overlay.hpp"

namespace phyllo::testing {

class recorded_overlay final : public overlay::overlay {
 public:
  using outcome = core::result<phyllo::overlay::outcome>;
  outcome next = phyllo::overlay::outcome();  // of whatever is asked
  std::vector<phyllo::overlay::record> updated;
  std::vector<std::string> removed;
  std::function<void()> meanwhile;  // whenever something is removed

  core::awaitable<outcome> update(std::string, phyllo::overlay::name, phyllo::overlay::record r, std::chrono::seconds,
                                  phyllo::overlay::write_options) override {
    updated.push_back(std::move(r));
    co_return next;
  }
  core::awaitable<outcome> remove(std::string, phyllo::overlay::name n, phyllo::overlay::write_options) override {
    removed.push_back(n.text());
    if (meanwhile) meanwhile();
    co_return next;
  }
  core::awaitable<outcome> get(std::string, phyllo::overlay::name, phyllo::overlay::read_options) override { co_return next; }
  core::awaitable<outcome> add(std::string, phyllo::overlay::name, phyllo::overlay::record, std::chrono::seconds,
                               phyllo::overlay::write_options) override {
    co_return next;
  }
  core::awaitable<outcome> watch(std::string, phyllo::overlay::name, phyllo::overlay::watch_options) override { co_return next; }
};

}  // namespace phyllo::testing
