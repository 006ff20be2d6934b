#include "chord/successor_lists.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

bool stands_in(const std::vector<node_id>& list, const node_id& n) { return std::ranges::find(list, n) != list.end(); }

// `nearer` orders the list. True: it has changed.
template <class Order>
bool insert_into(std::vector<node_id>& list, const node_id& n, std::size_t max, Order nearer) {
  const auto at = std::lower_bound(list.begin(), list.end(), n, nearer);
  if (at != list.end() && *at == n) return false;
  if (static_cast<std::size_t>(at - list.begin()) >= max) return false;
  list.insert(at, n);
  if (list.size() > max) list.pop_back();
  return true;
}

}  // namespace

successor_lists::successor_lists(const node_id& self, std::size_t each) : self_(self), each_(std::max(each, each_min)) {}

bool successor_lists::nearer_before(const node_id& a, const node_id& b) const noexcept { return clockwise(a, self_) < clockwise(b, self_); }

bool successor_lists::nearer_after(const node_id& a, const node_id& b) const noexcept { return clockwise(self_, a) < clockwise(self_, b); }

bool successor_lists::insert(const node_id& n) {
  if (n == self_) return false;
  const auto before = insert_into(predecessors_, n, each_, [this](const auto& a, const auto& b) { return nearer_before(a, b); });
  const auto after = insert_into(successors_, n, each_, [this](const auto& a, const auto& b) { return nearer_after(a, b); });
  return before || after;
}

bool successor_lists::erase(const node_id& n) {
  const auto before = std::erase(predecessors_, n);
  return std::erase(successors_, n) + before > 0;
}

bool successor_lists::would_take(const node_id& n) const {
  if (n == self_ || contains(n)) return false;
  return whole_ring() || nearer_before(n, predecessors_.back()) || nearer_after(n, successors_.back());
}

bool successor_lists::contains(const node_id& n) const noexcept { return stands_in(successors_, n) || stands_in(predecessors_, n); }

std::vector<node_id> successor_lists::members() const {
  auto out = successors_;
  std::ranges::copy_if(predecessors_, std::back_inserter(out), [this](const node_id& n) { return !stands_in(successors_, n); });
  return out;
}

key_range successor_lists::responsible() const noexcept { return {predecessors_.empty() ? self_ : predecessors_.front(), self_}; }

key_range successor_lists::kept() const noexcept {
  const bool all = predecessors_.size() <= replicas;  // no more peers than copies of anything
  return {all ? self_ : predecessors_[replicas], self_};
}

std::vector<node_id> successor_lists::replica_set() const {
  const auto count = std::min(successors_.size(), replicas);
  return {successors_.begin(), successors_.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace phyllo::overlay
