#include "phyllo/core/bounded_map.hpp"

#include <doctest.h>

#include <numeric>
#include <string>
#include <vector>

using namespace phyllo;

TEST_CASE("the keyed hash gives the value that its authors publish") {
  // Aumasson and Bernstein, "SipHash: a fast short-input PRF", appendix A: key 00 .. 0f, message 00 .. 0e.
  const core::hash_key key{.first = 0x0706050403020100, .second = 0x0f0e0d0c0b0a0908};
  core::bytes message(15);
  std::iota(message.begin(), message.end(), std::uint8_t{0});
  CHECK(core::keyed_hash(key, core::byte_view(message)) == 0xa129ca6149be45e5);
}

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
