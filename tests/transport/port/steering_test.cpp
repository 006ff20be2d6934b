#include "phyllo/transport/steering.hpp"

#include <doctest.h>

#include <array>
#include <set>

#include "support/run.hpp"

namespace steering_test {

using namespace phyllo;

namespace {

unsigned shard_of(const transport::steering& s, const char* address) { return s.shard_of(asio::ip::make_address(address)); }

}  // namespace

TEST_CASE("one shard serves everybody") {
  CHECK(shard_of(transport::steering(), "192.0.2.1") == 0);
  CHECK(shard_of(transport::steering(), "2001:db8::1") == 0);
}

TEST_CASE("what comes from one /64 is for one shard, and other networks are for others") {
  const transport::steering s(4, 0x9E3779B1, 0x85EBCA77);
  CHECK(shard_of(s, "2001:db8:1:2::1") == shard_of(s, "2001:db8:1:2:ffff::9"));
  std::set<unsigned> seen;
  for (int i = 0; i < 64; ++i) seen.insert(shard_of(s, ("2001:db8:1:" + std::to_string(i) + "::1").c_str()));
  CHECK(seen.size() == 4);
}

TEST_CASE("neighbouring addresses fall about evenly to the shards, by factors that nobody knows") {
  testing::real_world world;
  for (const unsigned shards : {2U, 3U, 4U, 16U}) {
    const auto s = transport::steering::random(*world.env, shards);
    std::array<int, 16> counts{};
    for (unsigned i = 0; i < 16'000; ++i) ++counts[s.shard_of(asio::ip::address_v4(0x0a000000 + i))];
    for (unsigned k = 0; k < shards; ++k) CHECK(counts[k] > static_cast<int>(16'000 / shards / 4));
  }
}

}  // namespace steering_test
