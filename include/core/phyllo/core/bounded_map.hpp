// The one container for what strangers fill: bounded, hashed with a key of its own, and never full: the entry that was longest unused
// makes room, in constant time.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>

#include "phyllo/core/keyed_hash.hpp"
#include "phyllo/core/metrics.hpp"

namespace phyllo::core {

// `Key` needs == and an overload of keyed_hash that argument-dependent look-up or phyllo::core has. All calls are O(1) on average,
// whatever the keys. Pointers and references to values hold until the entry is erased or evicted. Not thread-safe.
template <class Key, class Value>
class bounded_map {
 public:
  using entry = std::pair<const Key, Value>;

  // At most `max` entries (at least one). `key` must be random and secret. `evictions`, if there is one, counts and outlives it.
  bounded_map(std::size_t max, const hash_key& key, counter* evictions = nullptr)
      : max_(max), evictions_(evictions), index_(0, keyed_hasher{key}) {
    assert(max > 0);
  }
  bounded_map(const bounded_map&) = delete;
  bounded_map& operator=(const bounded_map&) = delete;

  // Null: there is none. `find` leaves the order of use as it is; `use` makes it the one used last.
  [[nodiscard]] Value* find(const Key& k) {
    const auto at = index_.find(k);
    return at == index_.end() ? nullptr : &at->second->second;
  }
  [[nodiscard]] const Value* find(const Key& k) const {
    const auto at = index_.find(k);
    return at == index_.end() ? nullptr : &at->second->second;
  }
  [[nodiscard]] Value* use(const Key& k) {
    const auto at = index_.find(k);
    if (at == index_.end()) return nullptr;
    order_.splice(order_.end(), order_, at->second);
    return &at->second->second;
  }

  // The value of `k`, used last now; made from `arguments` where there was none. The second: it was made.
  template <class... Arguments>
  std::pair<Value&, bool> try_emplace(const Key& k, Arguments&&... arguments) {
    if (auto* known = use(k)) return {*known, false};
    if (full()) evict();
    order_.emplace_back(std::piecewise_construct, std::forward_as_tuple(k), std::forward_as_tuple(std::forward<Arguments>(arguments)...));
    index_.emplace(k, std::prev(order_.end()));
    assert(index_.size() == order_.size() && index_.size() <= max_);
    return {order_.back().second, true};
  }

  bool erase(const Key& k) {
    const auto at = index_.find(k);
    if (at == index_.end()) return false;
    const auto place = at->second;  // `k` may be its key
    index_.erase(at);
    order_.erase(place);
    assert(index_.size() == order_.size());
    return true;
  }
  // All that `wanted` says of; the one call that looks at every entry.
  template <class Predicate>
  void erase_if(Predicate wanted) {
    for (auto i = order_.begin(); i != order_.end();) {
      const auto here = i++;
      if (!wanted(*here)) continue;
      index_.erase(here->first);
      order_.erase(here);
    }
    assert(index_.size() == order_.size());
  }
  void clear() {
    index_.clear();
    order_.clear();
  }

  // The one that was longest unused: null when empty.
  [[nodiscard]] entry* oldest() { return order_.empty() ? nullptr : &order_.front(); }
  // In the order of use, the longest unused first.
  [[nodiscard]] auto begin() { return order_.begin(); }
  [[nodiscard]] auto end() { return order_.end(); }
  [[nodiscard]] auto begin() const { return order_.begin(); }
  [[nodiscard]] auto end() const { return order_.end(); }

  [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
  [[nodiscard]] bool empty() const noexcept { return index_.empty(); }
  [[nodiscard]] bool full() const noexcept { return index_.size() >= max_; }  // the next newcomer takes the oldest one's room
  [[nodiscard]] bool contains(const Key& k) const { return index_.contains(k); }
  [[nodiscard]] std::size_t max() const noexcept { return max_; }
  [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }  // since it was made

 private:
  void evict() {
    index_.erase(order_.front().first);
    order_.pop_front();
    ++evicted_;
    if (evictions_ != nullptr) evictions_->add();
  }

  std::size_t max_;
  std::uint64_t evicted_ = 0;
  counter* evictions_;
  std::list<entry> order_;
  std::unordered_map<Key, typename std::list<entry>::iterator, keyed_hasher> index_;
};

}  // namespace phyllo::core
