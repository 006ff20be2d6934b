// How much strangers may ask for before we work for them: a token bucket, and one an address (IPv6: a /64) in a table of
// bounded size. In a full one a newcomer takes over the bucket of the source that was longest silent: no flood of addresses clears
// anybody's debts, for tokens come by time alone, and of any addresses together no more is admitted than the buckets of one table hold.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::core {

// An address as limits count it: IPv4 whole, of IPv6 the /64, which is the least that one subscriber has.
[[nodiscard]] std::uint64_t source_key(const asio::ip::address& a);

class token_bucket {
 public:
  token_bucket(double burst, time_point now) : tokens_(burst), filled_(now) {}

  // True: go on. False: not now.
  [[nodiscard]] bool take(double per_second, double burst, time_point now);
  // Takes one whatever is left; how long until nothing is owed. The debt ends at owed_max, so no wait is longer.
  [[nodiscard]] duration owe(double per_second, double burst, time_point now);
  static constexpr duration owed_max = std::chrono::seconds(10);

 private:
  void fill(double per_second, double burst, time_point now);

  double tokens_;
  time_point filled_;
};

class source_limit {
 public:
  struct limits {
    double per_second;
    double burst;
    std::size_t sources_max = 65'536;
  };
  // Never more than `n` within any second, wherever it begins: a bucket lets its burst and a second of its rate go in one.
  [[nodiscard]] static limits at_most_in_a_second(double n) noexcept { return {.per_second = n / 2, .burst = n < 2 ? 1 : n / 2}; }

  // `key` must be random and secret; `evictions` as bounded_map has it.
  source_limit(limits l, const hash_key& key, counter* evictions = nullptr) : limits_(l), buckets_(l.sources_max, key, evictions) {}
  // From now on; a source keeps the tokens that it has, up to the new burst.
  void limit(double per_second, double burst) noexcept {
    limits_.per_second = per_second;
    limits_.burst = burst;
  }

  // True: go on. False: drop it, and count that.
  [[nodiscard]] bool admit(const asio::ip::address& from, time_point now);
  // For what can wait, as the bytes of a stream do: it counts, and how long to wait before the source's next one is taken. Who waits has
  // his place among those of his source, so none of them is passed over.
  [[nodiscard]] duration pace(const asio::ip::address& from, time_point now);

  // It owes nothing any more.
  void clear(const asio::ip::address& from) { buckets_.erase(source_key(from)); }

  [[nodiscard]] std::size_t sources() const noexcept { return buckets_.size(); }

 private:
  token_bucket& bucket_of(const asio::ip::address& from, time_point now);

  limits limits_;
  bounded_map<std::uint64_t, token_bucket> buckets_;
};

}  // namespace phyllo::core
