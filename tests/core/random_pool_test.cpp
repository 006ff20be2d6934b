#include "phyllo/core/random_pool.hpp"

#include <doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace random_pool_test {

using namespace phyllo;

namespace {

int asked = 0;

void counted(std::span<std::uint8_t> out) {
  ++asked;
  core::kernel_random(out);
}

using word = std::array<std::uint8_t, 16>;

word taken(core::random_pool& pool) {
  word out{};
  pool.take(out);
  return out;
}

}  // namespace

TEST_CASE("the kernel is asked once for many small takings, and none of them is given twice") {
  asked = 0;
  core::random_pool pool(counted);
  std::set<word> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(taken(pool));
  CHECK(seen.size() == 1000);
  CHECK(asked == 4);  // 16,000 octets by pages of 4,088
}

TEST_CASE("what a pool has given is no longer in its memory") {
  core::random_pool pool;
  static_cast<void>(taken(pool));
  const auto before = pool.held();
  const word given = taken(pool);
  CHECK(pool.held() == before - given.size());
  const auto memory = pool.memory();
  CHECK(std::ranges::all_of(memory.subspan(pool.held()), [](std::uint8_t octet) { return octet == 0; }));
  CHECK(std::ranges::search(memory, given).empty());
}

TEST_CASE("what is as long as a key is asked of the kernel, and not of the pool") {
  core::random_pool pool(counted);
  static_cast<void>(taken(pool));
  const auto before = pool.held();
  asked = 0;
  std::array<std::uint8_t, core::random_pool::key_octets> key{};
  pool.take(key);
  CHECK(asked == 1);
  CHECK(pool.held() == before);
  CHECK(std::ranges::any_of(key, [](std::uint8_t octet) { return octet != 0; }));
}

TEST_CASE("a taking that is larger than the pool is filled to its last octet") {
  core::random_pool pool;
  for (const std::size_t size : {std::size_t{3000}, std::size_t{4088}, std::size_t{4089}, std::size_t{10'000}}) {
    std::vector<std::uint8_t> out(size);
    pool.take(out);
    const auto zeros = std::ranges::count(out, 0);
    CHECK(zeros < static_cast<std::ptrdiff_t>(size / 64));
    CHECK(std::ranges::any_of(std::span(out).last(16), [](std::uint8_t octet) { return octet != 0; }));
  }
}

TEST_CASE("a child process does not get what its parent gets") {
  core::random_pool pool;
  static_cast<void>(taken(pool));
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const auto child = ::fork();
  if (child == 0) {
    const auto of_child = taken(pool);
    ::_exit(::write(ends[1], of_child.data(), of_child.size()) == 16 ? 0 : 1);
  }
  REQUIRE(child > 0);
  const auto of_parent = taken(pool);
  word of_child{};
  REQUIRE(::read(ends[0], of_child.data(), of_child.size()) == 16);
  int status = 1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(of_child != of_parent);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace random_pool_test
