#include "phyllo/core/bounded_map.hpp"

#include <doctest.h>

#include <string>
#include <vector>

namespace bounded_map_test {

using namespace phyllo;

TEST_CASE("a full map makes room for the newest by dropping what was longest unused") {
  core::bounded_map<std::string, int> map(3, {1, 2});
  for (const auto* name : {"a", "b", "c"}) map.try_emplace(name, 1);
  CHECK(map.use("a") != nullptr);
  CHECK(map.find("b") != nullptr);  // looking is no use
  const auto [value, made] = map.try_emplace("d", 4);
  CHECK(made);
  CHECK(value == 4);
  CHECK(map.find("b") == nullptr);
  CHECK(map.oldest()->first == "c");
  CHECK(map.size() == 3);
  CHECK(map.evicted() == 1);
}

TEST_CASE("an entry that is there is given back, not made again") {
  core::bounded_map<std::uint64_t, int> map(2, {1, 2});
  map.try_emplace(7, 1);
  const auto [value, made] = map.try_emplace(7, 2);
  CHECK_FALSE(made);
  CHECK(value == 1);
  CHECK(map.erase(7));
  CHECK_FALSE(map.erase(7));
  CHECK(map.empty());
  CHECK(map.oldest() == nullptr);
}

TEST_CASE("what was erased is no longer there to make room") {
  core::bounded_map<std::uint64_t, int> map(2, {1, 2});
  for (std::uint64_t i = 0; i < 1000; ++i) {
    map.try_emplace(i, 0);
    if (i % 3 == 0) map.erase(i);
    REQUIRE(map.size() <= 2);
  }
  std::vector<std::uint64_t> left;
  for (const auto& [key, value] : map) left.push_back(key);
  CHECK(left == std::vector<std::uint64_t>{998});
}

namespace {

// A key that counts how often it is compared.
struct counted_key {
  std::uint64_t number = 0;
  static inline std::uint64_t compared = 0;
  friend bool operator==(const counted_key& a, const counted_key& b) {
    ++compared;
    return a.number == b.number;
  }
  friend std::uint64_t keyed_hash(const core::hash_key& key, const counted_key& k) noexcept { return core::keyed_hash(key, k.number); }
};

std::uint64_t comparisons_of(core::bounded_map<counted_key, int>& map, std::uint64_t first, std::uint64_t many) {
  counted_key::compared = 0;
  for (std::uint64_t i = 0; i < many; ++i) {
    map.try_emplace({first + i});
    static_cast<void>(map.use({first + i / 2}));
  }
  return counted_key::compared;
}

}  // namespace

TEST_CASE("a newcomer costs no more in a full map than in one that has room") {
  core::bounded_map<counted_key, int> map(65'536, {3, 4});
  const auto empty = comparisons_of(map, 0, 10'000);
  static_cast<void>(comparisons_of(map, 10'000, 200'000));
  REQUIRE(map.full());
  const auto full = comparisons_of(map, 1'000'000, 10'000);
  CHECK(map.size() == 65'536);
  CHECK(full < 3 * empty);  // of an entry that is pushed out the key is looked at, too
}

TEST_CASE("keys that collide without the key do not collide with it") {
  // Multiples of the numbers of buckets that libstdc++ takes: all in one bucket, where numbers hash to themselves.
  core::bounded_map<counted_key, int> map(20'000, {5, 6});
  counted_key::compared = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) map.try_emplace({i * 26'267});
  CHECK(counted_key::compared < 100'000);
}

TEST_CASE("what made room is counted, for the operator too") {
  core::metrics metrics;
  core::bounded_map<std::uint64_t, int> map(10, {1, 2}, &metrics.evictions("test"));
  for (std::uint64_t i = 0; i < 25; ++i) map.try_emplace(i);
  CHECK(metrics.evictions("test").value() == 15);
  CHECK(metrics.text().find("phyllo_evicted_total{table=\"test\"} 15") != std::string::npos);
}

TEST_CASE("entries go by what a predicate says") {
  core::bounded_map<std::uint64_t, int> map(10, {1, 2});
  for (std::uint64_t i = 0; i < 10; ++i) map.try_emplace(i, static_cast<int>(i));
  map.erase_if([](const auto& e) { return e.second % 2 == 0; });
  CHECK(map.size() == 5);
  CHECK_FALSE(map.contains(4));
  CHECK(map.contains(5));
}

}  // namespace bounded_map_test
