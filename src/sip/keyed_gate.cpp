#include "keyed_gate.hpp"

#include <algorithm>

namespace phyllo::sip {

core::awaitable<core::result<keyed_gate::pass>> keyed_gate::enter(std::string key) {
  const auto [found, free] = lines_.try_emplace(key);
  if (free) co_return pass(*this, std::move(key));
  if (found->second.size() >= queue_max_) co_return core::fail(core::errc::full, "too many requests for one user at once");
  auto w = std::make_shared<waiter>();
  w->wake = env_.make_timer();
  w->wake->set(core::time_point::max());
  found->second.push_back(w);
  try {
    while (!w->admitted) co_await w->wake->wait();  // ends when its turn comes, or by cancellation
  } catch (...) {
    give_up(key, w);
    throw;
  }
  co_return pass(*this, std::move(key));
}

void keyed_gate::leave(const std::string& key) {
  const auto found = lines_.find(key);
  if (found->second.empty()) {
    lines_.erase(found);
    return;
  }
  const auto next = found->second.front();
  found->second.pop_front();
  next->admitted = true;
  next->wake->cancel();
}

void keyed_gate::give_up(const std::string& key, const std::shared_ptr<waiter>& w) {
  if (w->admitted) return leave(key);
  std::erase(lines_.at(key), w);
}

}  // namespace phyllo::sip
