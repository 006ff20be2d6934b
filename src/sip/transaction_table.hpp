// Transactions by their ids, and by what messages that belong to them have in common (RFC 3261 s.17.1.3, s.17.2.3). Pure.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace phyllo::sip {

// `Transaction` has an `id` and a `key`, which stay as they are.
template <class Transaction>
class transaction_table {
 public:
  Transaction& add(Transaction t) {
    const auto id = t.id;
    keys_.emplace(t.key, id);
    auto& added = transactions_.emplace(id, std::move(t)).first->second;
    assert(keys_.size() == transactions_.size());
    return added;
  }

  [[nodiscard]] Transaction* find(std::uint64_t id) noexcept {
    const auto at = transactions_.find(id);
    return at == transactions_.end() ? nullptr : &at->second;
  }

  [[nodiscard]] Transaction* find_by_key(std::string_view key) {
    const auto at = keys_.find(key);
    return at == keys_.end() ? nullptr : find(at->second);
  }

  void erase(const Transaction& t) {
    const auto id = t.id;
    keys_.erase(t.key);
    transactions_.erase(id);
    assert(keys_.size() == transactions_.size());
  }

  [[nodiscard]] std::size_t size() const noexcept { return transactions_.size(); }

 private:
  std::unordered_map<std::uint64_t, Transaction> transactions_;
  // Ordered: keys are chosen by strangers, who could make a hash table slow.
  std::map<std::string, std::uint64_t, std::less<>> keys_;
};

}  // namespace phyllo::sip
