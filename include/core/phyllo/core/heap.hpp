// What the allocator has of the system for this process.
#pragma once

#include <cstddef>

namespace phyllo::core {

struct heap_use {
  std::size_t used = 0;  // bytes that somebody has
  std::size_t free = 0;  // bytes that nobody has, kept for whoever asks next
};
[[nodiscard]] heap_use heap_in_use() noexcept;

// Gives the system what is free. Takes milliseconds for each hundred MiB, in which nothing else happens.
void give_back_heap() noexcept;

}  // namespace phyllo::core
