// Transactions by their ids, and by what messages that belong to them have in common (RFC 3261 s.17.1.3, s.17.2.3). Pure.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "phyllo/core/keyed_hash.hpp"
#include "phyllo/core/slab.hpp"

namespace phyllo::sip {

// `Transaction` has an `id`, which the table gives it, and a text `key`; both stay as they are.
//
//  55                      25 24            1    0
//  +-------------------------+---------------+------+   an id: found without a look-up, and at its place another one for the next two
//  | how many came before it | where it is   | side |   thousand million transactions. It leaves room for a shard's number
//  +-------------------------+---------------+------+   (shard_transport), and is never 0
template <class Transaction>
class transaction_table {
 public:
  // `key` is random and secret: the texts are strangers' choice. `side`: 0 or 1, the ids' lowest bit.
  transaction_table(const core::hash_key& key, unsigned side) : key_(key), side_(side), heads_(16, nobody) {}

  Transaction& add(Transaction t) {
    const auto hash = core::keyed_hash(key_, std::string_view(t.key));
    if (entries_.size() >= heads_.size()) grow();
    const auto number = entries_.add(entry{hash, nobody, std::move(t)});
    assert(number <= number_max);
    auto& added = entries_.at(number);
    last_ = last_ == sequence_max ? 1 : last_ + 1;
    added.transaction.id = (last_ << number_bits | number) << 1 | side_;
    added.next = std::exchange(head_of(hash), number);
    return added.transaction;
  }

  [[nodiscard]] Transaction* find(std::uint64_t id) noexcept {
    auto* e = entries_.find(number_of(id));
    return e == nullptr || e->transaction.id != id ? nullptr : &e->transaction;
  }

  // O(1) on average, whatever the texts.
  [[nodiscard]] Transaction* find_by_key(std::string_view key) noexcept {
    const auto hash = core::keyed_hash(key_, key);
    for (auto at = head_of(hash); at != nobody;) {  // ends with those of the same hash
      auto& e = entries_.at(at);
      if (e.hash == hash && e.transaction.key == key) return &e.transaction;
      at = e.next;
    }
    return nullptr;
  }

  void erase(const Transaction& t) {
    const auto number = number_of(t.id);
    auto& e = entries_.at(number);
    assert(&e.transaction == &t);
    auto* link = &head_of(e.hash);
    while (*link != number) link = &entries_.at(*link).next;  // ends at `t`, which is among them
    *link = e.next;
    entries_.erase(number);
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct entry {
    std::uint64_t hash;
    std::uint32_t next;  // of those with the same head
    Transaction transaction;
  };
  static constexpr std::uint32_t nobody = 0xffffffff;
  static constexpr unsigned number_bits = 24;
  static constexpr std::uint32_t number_max = (1U << number_bits) - 1;
  static constexpr std::uint64_t sequence_max = (std::uint64_t{1} << 31) - 1;

  static std::uint32_t number_of(std::uint64_t id) noexcept { return static_cast<std::uint32_t>(id >> 1) & number_max; }
  [[nodiscard]] std::uint32_t& head_of(std::uint64_t hash) noexcept { return heads_[hash & (heads_.size() - 1)]; }

  // As many heads as there are entries, at least. It is never made smaller: a head is four octets.
  void grow() {
    const auto before = std::exchange(heads_, std::vector<std::uint32_t>(heads_.size() * 2, nobody));
    for (auto at : before) {
      while (at != nobody) {  // ends with the chain
        auto& e = entries_.at(at);
        const auto next = std::exchange(e.next, head_of(e.hash));
        head_of(e.hash) = at;
        at = next;
      }
    }
  }

  core::hash_key key_;
  unsigned side_;
  core::slab<entry> entries_;
  std::vector<std::uint32_t> heads_;  // a power of two
  std::uint64_t last_ = 0;
};

}  // namespace phyllo::sip
