#include "login_queue.hpp"

#include <algorithm>
#include <ranges>

namespace phyllo::enrollment {

login_queue::entered login_queue::enter(lane l, std::uint64_t prefix) {
  entered e;
  auto& to = lanes_[static_cast<std::size_t>(l)];
  const auto known = to.by_prefix.find(prefix);
  if (known != to.by_prefix.end() && known->second->tickets.size() >= of_one_prefix_max) return e;
  if (places_.size() >= waiting_max) {
    e.dropped = drop_behind(l);
    if (!e.dropped) return e;
  }
  auto at = to.by_prefix.find(prefix);  // it may have been dropped
  if (at == to.by_prefix.end()) {
    const auto place = l == lane::clean ? to.turns.begin() : to.turns.end();
    at = to.by_prefix.emplace(prefix, to.turns.insert(place, flow{prefix, {}})).first;
  }
  e.mine = ++last_;
  at->second->tickets.push_back(last_);
  places_.emplace(last_, std::pair{l, prefix});
  return e;
}

std::optional<login_queue::ticket> login_queue::next() {
  auto* from = chosen();
  if (from == nullptr) return std::nullopt;
  from->passed_over = 0;
  for (auto* behind = from + 1; behind != lanes_.data() + lanes_.size(); ++behind) {
    if (!behind->turns.empty()) ++behind->passed_over;
  }
  return take_turn(*from);
}

login_queue::of_lane* login_queue::chosen() {
  const auto impatient = [](const of_lane& l) { return !l.turns.empty() && l.passed_over >= patience; };
  const auto waits = [](const of_lane& l) { return !l.turns.empty(); };
  auto found = std::ranges::find_if(lanes_, impatient);
  if (found == lanes_.end()) found = std::ranges::find_if(lanes_, waits);
  return found == lanes_.end() ? nullptr : &*found;
}

login_queue::ticket login_queue::take_turn(of_lane& l) {
  const auto f = l.turns.begin();
  const auto t = f->tickets.front();
  f->tickets.pop_front();
  places_.erase(t);
  if (f->tickets.empty()) {
    forget(l, f);
  } else {
    l.turns.splice(l.turns.end(), l.turns, f);
  }
  return t;
}

// Who would be served last, of lane `l` or one behind it.
std::optional<login_queue::ticket> login_queue::drop_behind(lane l) {
  for (auto i = lanes_.size(); i-- > static_cast<std::size_t>(l);) {
    auto& from = lanes_[i];
    if (from.turns.empty()) continue;
    const auto f = std::prev(from.turns.end());
    const auto t = f->tickets.back();
    leave(t);
    return t;
  }
  return std::nullopt;
}

void login_queue::leave(ticket t) {
  const auto place = places_.find(t);
  if (place == places_.end()) return;
  auto& l = lanes_[static_cast<std::size_t>(place->second.first)];
  const auto f = l.by_prefix.at(place->second.second);
  std::erase(f->tickets, t);
  if (f->tickets.empty()) forget(l, f);
  places_.erase(place);
}

void login_queue::forget(of_lane& l, flows::iterator f) {
  l.by_prefix.erase(f->prefix);
  l.turns.erase(f);
}

}  // namespace phyllo::enrollment
