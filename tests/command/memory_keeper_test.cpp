#include "command/memory_keeper.hpp"

#include <doctest.h>

#include <memory>
#include <vector>

namespace memory_keeper_test {

using namespace phyllo;

TEST_CASE("memory is given back when much of it is free and there is little else to do") {
  constexpr std::size_t mib = 1 << 20;
  CHECK(command::worth_giving_back({100 * mib, 50 * mib}, 0.01));
  CHECK_FALSE(command::worth_giving_back({100 * mib, 50 * mib}, 0.5));
  CHECK_FALSE(command::worth_giving_back({100 * mib, 20 * mib}, 0.01));
  CHECK_FALSE(command::worth_giving_back({4 * mib, 4 * mib}, 0.01));
}

TEST_CASE("the allocator tells what is used and what is free" * doctest::skip(core::heap_in_use().used == 0)) {
  const auto before = core::heap_in_use();
  std::vector<std::unique_ptr<char[]>> pieces;  // plain bytes, each by itself
  for (int i = 0; i < 20'000; ++i) pieces.push_back(std::make_unique<char[]>(1000));
  const auto full = core::heap_in_use();
  CHECK(full.used >= before.used + 20'000'000);
  const auto last = std::move(pieces.back());  // stands behind the others, and keeps the heap's end where it is
  pieces.clear();
  CHECK(core::heap_in_use().free >= 19'000'000);
  core::give_back_heap();
}

}  // namespace memory_keeper_test
