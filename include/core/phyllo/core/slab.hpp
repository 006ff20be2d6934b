// Values that stay where they are, in blocks: what comes and goes by the thousands a second costs no allocation of its own, and is found by
// its number without a look-up.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace phyllo::core {

// Numbers are used again. All calls are O(1), references hold until the value is erased, and a block that is empty goes back to the heap.
template <class T>
class slab {
 public:
  slab() = default;
  slab(const slab&) = delete;
  slab& operator=(const slab&) = delete;
  ~slab() {
    for (auto& b : blocks_)
      for (std::uint32_t i = 0; b.places && i < per_block; ++i)
        if ((b.used >> i & 1) != 0) std::destroy_at(place(b, i));
  }

  // Its number.
  [[nodiscard]] std::uint32_t add(T value) {
    if (roomy_.empty()) {
      roomy_.push_back(static_cast<std::uint32_t>(blocks_.size()));
      blocks_.emplace_back();
    }
    const auto number = roomy_.back();
    auto& b = blocks_[number];
    if (!b.places) b.places = std::make_unique_for_overwrite<storage[]>(per_block);
    const auto free = static_cast<std::uint32_t>(std::countr_one(b.used));
    ::new (static_cast<void*>(b.places[free].octets.data())) T(std::move(value));
    b.used |= std::uint64_t{1} << free;
    if (~b.used == 0) roomy_.pop_back();
    ++size_;
    return number * per_block + free;
  }

  // Null: there is none of that number.
  [[nodiscard]] T* find(std::uint32_t number) noexcept {
    const auto of = number / per_block;
    if (of >= blocks_.size() || (blocks_[of].used >> number % per_block & 1) == 0) return nullptr;
    return place(blocks_[of], number % per_block);
  }
  [[nodiscard]] T& at(std::uint32_t number) noexcept {
    auto* value = find(number);
    assert(value != nullptr);
    return *value;
  }

  void erase(std::uint32_t number) {
    auto& b = blocks_[number / per_block];
    std::destroy_at(&at(number));
    if (~b.used == 0) roomy_.push_back(number / per_block);
    b.used &= ~(std::uint64_t{1} << number % per_block);
    --size_;
    // One that is about to be filled again is kept.
    if (b.used == 0 && roomy_.back() != number / per_block) b.places.reset();
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::uint32_t per_block = 64;
  struct storage {
    alignas(T) std::array<std::byte, sizeof(T)> octets;
  };
  struct block {
    std::unique_ptr<storage[]> places;  // null: nothing is in it
    std::uint64_t used = 0;             // a bit for each place
  };
  static T* place(block& b, std::uint32_t i) noexcept { return std::launder(reinterpret_cast<T*>(b.places[i].octets.data())); }

  std::vector<block> blocks_;
  std::vector<std::uint32_t> roomy_;  // blocks with a free place
  std::size_t size_ = 0;
};

}  // namespace phyllo::core
