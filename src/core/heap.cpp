#include "phyllo/core/heap.hpp"

#include <malloc.h>

namespace phyllo::core {

heap_use heap_in_use() noexcept {
  const auto all = ::mallinfo2();
  return {all.uordblks + all.hblkhd, all.fordblks};
}

void give_back_heap() noexcept { ::malloc_trim(0); }

}  // namespace phyllo::core
