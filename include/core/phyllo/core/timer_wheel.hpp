// A hierarchical timing wheel (G. Varghese, T. Lauck: Hashed and Hierarchical Timing Wheels, 1987, scheme 7): many timers, each set and
// cancelled in constant time and without memory of its own. A pure machine: it is told the time, and answers what is due.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "phyllo/core/time.hpp"

namespace phyllo::core {

class timer_wheel {
  struct link {  // of a ring; one that is alone is linked to itself
    link* next = this;
    link* before = this;
  };

 public:
  // A timer is due at its time or less than a tick later: so many timers are one alarm. Two within a tick are due in any order.
  static constexpr duration tick = std::chrono::milliseconds(4);

  // One timer; part of whatever it wakes. It leaves the wheel when it is destroyed.
  class entry : link {
   public:
    entry() = default;
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    [[nodiscard]] bool is_set() const noexcept { return wheel_ != nullptr; }

   protected:
    ~entry() {
      if (wheel_ != nullptr) wheel_->cancel(*this);
    }

   private:
    friend class timer_wheel;
    timer_wheel* wheel_ = nullptr;
    std::uint64_t at_ = 0;      // in ticks
    std::size_t place_ = none;  // its slot
  };

  explicit timer_wheel(time_point start) noexcept : start_(start) {}
  ~timer_wheel();  // entries may outlive it
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;

  void set(entry& e, time_point when) noexcept;  // replaces its time; max(): never, but it is in the wheel
  void set_due(entry& e) noexcept;               // by the next advance()
  void cancel(entry& e) noexcept;

  // What is due at `now` is taken from now on; what becomes due after this call waits for the next one. Linear in what is due, and in what
  // comes nearer: each timer once a level.
  void advance(time_point now) noexcept;
  [[nodiscard]] entry* take() noexcept;  // null: no more
  // When advance() is to be called, which may find nothing due; min(): at once; max(): nothing is due ever.
  [[nodiscard]] time_point next() const noexcept;
  [[nodiscard]] entry* any() const noexcept;  // null: none is set, those for never among them

 private:
  static constexpr unsigned bits = 6;
  static constexpr std::size_t slots = 1U << bits;  // a level
  static constexpr std::size_t levels = 8;          // 35,000 years, more than a time_point can say
  static constexpr std::size_t none = levels * slots;

  [[nodiscard]] std::uint64_t ticks_until(time_point when) const noexcept;
  [[nodiscard]] std::size_t first_slot() const noexcept;
  [[nodiscard]] std::uint64_t start_of(std::size_t slot) const noexcept;
  void place(entry& e) noexcept;
  void append(entry& e, link& ring) noexcept;
  static void unlink(entry& e) noexcept;
  [[nodiscard]] static entry* first_of(const link& ring) noexcept;
  static void move_all(link& from, link& to) noexcept;

  time_point start_;
  std::uint64_t now_ = 0;                         // ticks since the start
  std::array<std::uint64_t, levels> occupied_{};  // a bit a slot
  std::array<link, levels * slots> slots_;
  link never_;
  link due_;    // at the next advance()
  link taken_;  // being taken
};

}  // namespace phyllo::core
