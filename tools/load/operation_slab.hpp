// Operations under way, in places that are used again. Each has a key of 16 hex digits that its messages bear: the place,
// and which use of it this is. So an answer finds its operation by its text, and one of an earlier use finds none.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace phyllo::load {

struct operation_key {
  std::uint32_t place = 0;
  std::uint32_t use = 0;
  friend bool operator==(const operation_key&, const operation_key&) = default;

  static constexpr std::size_t digits = 16;
  [[nodiscard]] std::array<char, digits> text() const noexcept {
    std::array<char, digits> out;
    const auto n = (std::uint64_t{place} << 32) | use;
    for (std::size_t i = 0; i < digits; ++i) out[i] = "0123456789abcdef"[(n >> (60 - 4 * i)) & 15];
    return out;
  }
  // Of the first 16 characters; false: they are no key.
  [[nodiscard]] static bool read(std::string_view text, operation_key& out) noexcept {
    if (text.size() < digits) return false;
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, n, 16);
    if (error != std::errc() || end != text.data() + digits) return false;
    out = {static_cast<std::uint32_t>(n >> 32), static_cast<std::uint32_t>(n)};
    return true;
  }
};

template <class T>
class operation_slab {
 public:
  explicit operation_slab(std::size_t most) : most_(most) {}

  // Null: `most` are under way. What its last user left is in it, so that strings keep their memory.
  [[nodiscard]] T* make(operation_key& key) {
    if (free_.empty() && cells_.size() >= most_) return nullptr;
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(cells_.size()));
      cells_.emplace_back();
    }
    const auto place = free_.back();
    free_.pop_back();
    auto& c = cells_[place];
    c.used = true;
    key = {place, ++c.use};
    return &c.value;
  }
  [[nodiscard]] T* find(operation_key key) noexcept {
    if (key.place >= cells_.size()) return nullptr;
    auto& c = cells_[key.place];
    return c.used && c.use == key.use ? &c.value : nullptr;
  }
  void drop(operation_key key) {
    if (find(key) == nullptr) return;
    cells_[key.place].used = false;
    free_.push_back(key.place);
  }
  // All that are under way; `f` may drop the one it is given.
  template <class F>
  void each(F&& f) {
    for (auto& c : cells_) {
      if (c.used) f(c.value);
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return cells_.size() - free_.size(); }

 private:
  struct cell {
    T value{};
    std::uint32_t use = 0;
    bool used = false;
  };
  std::size_t most_;
  std::deque<cell> cells_;  // a place keeps its address while others are added
  std::vector<std::uint32_t> free_;
};

}  // namespace phyllo::load
