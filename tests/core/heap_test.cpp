#include "phyllo/core/heap.hpp"

#include <doctest.h>

#include <memory>

namespace heap_test {

using namespace phyllo;

TEST_CASE("what somebody takes is used, and used no more when it is given back") {
  constexpr std::size_t size = 8 * 1024 * 1024;
  const auto before = core::heap_in_use();
  if (before.used == 0) return;  // under a sanitizer, whose allocator tells nothing
  auto held = std::make_unique<char[]>(size);
  held[0] = 1;
  CHECK(core::heap_in_use().used >= before.used + size);
  held.reset();
  CHECK(core::heap_in_use().used < before.used + size);
}

}  // namespace heap_test
