// Counters by reason for what strangers cause as often as a network carries it: from the second time on, finding one takes no lock and
// allocates nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace phyllo::core {

class counter;

// Found by any thread, kept by one at a time. Reasons are words of the sources, so nobody chooses them, and they are few.
class reason_counters {
 public:
  static constexpr std::size_t reasons_max = 256;

  // Null: it was never kept.
  [[nodiscard]] counter* find(std::string_view reason) const noexcept {
    for (auto at = place_of(reason);; at = (at + 1) % places) {  // ends: half of the places at least are empty
      const auto* e = table_[at].load(std::memory_order_acquire);
      if (e == nullptr) return nullptr;
      if (e->reason == reason) return e->of;
    }
  }
  // Does nothing for one that is kept, nor where there are reasons_max. The counter outlives this.
  void keep(std::string_view reason, counter& c) {
    if (entries_.size() >= reasons_max) return;
    auto at = place_of(reason);
    for (; const auto* e = table_[at].load(std::memory_order_relaxed); at = (at + 1) % places) {
      if (e->reason == reason) return;
    }
    table_[at].store(&entries_.emplace_back(std::string(reason), &c), std::memory_order_release);
  }

 private:
  struct entry {
    entry(std::string r, counter* c) : reason(std::move(r)), of(c) {}
    std::string reason;
    counter* of;
  };
  static constexpr std::size_t places = 2 * reasons_max;

  // FNV-1a.
  static std::size_t place_of(std::string_view reason) noexcept {
    std::uint32_t h = 2'166'136'261;
    for (const char c : reason) h = (h ^ static_cast<std::uint8_t>(c)) * 16'777'619;
    return h % places;
  }

  std::array<std::atomic<const entry*>, places> table_{};
  std::deque<entry> entries_;
};

}  // namespace phyllo::core
