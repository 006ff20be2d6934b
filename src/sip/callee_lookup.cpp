#include "callee_lookup.hpp"

#include <utility>

#include "location.hpp"

namespace phyllo::sip {

core::awaitable<std::shared_ptr<const callee_lookup::answer>> callee_lookup::get(std::string user, bool for_stranger) {
  const bool idle = !rounds_.contains(user);
  const auto room = for_stranger ? names_max_ / 2 : names_max_;
  if (stopped_ || (idle && rounds_.size() >= room)) co_return nullptr;
  auto& next = rounds_[user];
  if (!next) next = std::make_shared<round>();
  const auto mine = next;
  const std::shared_ptr<core::timer> wake = env_.make_timer();
  wake->set(core::time_point::max());
  mine->waiting.push_back(wake);
  if (idle) scope_.spawn(ask(user));
  while (!mine->over) co_await wake->wait();  // ends with the round, or by cancellation
  co_return mine->found;
}

void callee_lookup::finish(const round_ptr& r, std::shared_ptr<const answer> found) {
  if (!r) return;
  r->found = std::move(found);
  r->over = true;
  for (const auto& wake : r->waiting) wake->cancel();
}

// Ends when nobody has asked during the last look-up, or by cancellation.
core::awaitable<void> callee_lookup::ask(std::string user) {
  const overlay::read_options o;
  while (rounds_.at(user)) {
    const auto mine = std::exchange(rounds_.at(user), nullptr);
    try {
      auto found = co_await overlay_.get(std::string(), location_name(user), o);
      finish(mine, std::make_shared<const answer>(std::move(found)));
    } catch (...) {
      finish(mine, nullptr);
      throw;
    }
  }
  rounds_.erase(user);
}

core::awaitable<void> callee_lookup::stop() {
  stopped_ = true;
  scope_.cancel();
  co_await scope_.join();
  for (const auto& [user, waiting] : rounds_) finish(waiting, nullptr);
  rounds_.clear();
}

}  // namespace phyllo::sip
