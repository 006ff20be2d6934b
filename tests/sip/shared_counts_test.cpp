#include "sip/shared_counts.hpp"

#include <doctest.h>

#include <memory>
#include <thread>

#include "sip/ringing_calls.hpp"

namespace shared_counts_test {

using namespace phyllo;

TEST_CASE("what was added and not removed is counted, by its own key") {
  const auto counts = std::make_unique<sip::shared_counts>();
  constexpr std::uint64_t key = 0x0000000500000007;
  constexpr std::uint64_t meets_in_one_row = 0x0000000600000007;
  counts->add(key);
  counts->add(key);
  CHECK(counts->count(key) == 2);
  CHECK(counts->count(meets_in_one_row) == 0);
  counts->add(meets_in_one_row);
  CHECK(counts->count(key) == 2);
  counts->remove(key);
  counts->remove(meets_in_one_row);
  CHECK(counts->count(key) == 1);
}

TEST_CASE("many threads lose no count") {
  const auto counts = std::make_unique<sip::shared_counts>();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) counts->add(42);
      for (int i = 0; i < 9'000; ++i) counts->remove(42);
    });
  }
  for (auto& t : threads) t.join();
  CHECK(counts->count(42) == 4'000);
}

TEST_CASE("the calls that ring at one callee are bounded for all shards together") {
  const auto counts = std::make_unique<sip::shared_counts>();
  sip::ringing_settings limits;
  limits.per_callee = 4;
  const core::hash_key key{1, 2};
  sip::ringing_calls one(limits, key, counts.get());
  sip::ringing_calls other(limits, key, counts.get());
  using verdict = sip::ringing_calls::verdict;
  const auto by = [](int i) { return sip::ringing_calls::caller{{"user" + std::to_string(i)}, false}; };
  std::vector<sip::ringing_calls::place> places(5);
  for (int i = 0; i < 4; ++i)
    CHECK((i % 2 == 0 ? one : other).admit(places[static_cast<std::size_t>(i)], "bob", by(i)) == verdict::admitted);
  CHECK(one.admit(places[4], "bob", by(4)) == verdict::callee_busy);
  CHECK(other.admit(places[4], "bob", by(4)) == verdict::callee_busy);
  places[0].release();
  CHECK(other.admit(places[4], "bob", by(4)) == verdict::admitted);
}

}  // namespace shared_counts_test
