// The promise under random attack: whatever was answered is read again, through kills, joins and leaves.
#include <doctest.h>

#include <algorithm>
#include <random>

#include "phyllo/overlay/errc.hpp"
#include "support/storage_ring.hpp"

namespace storage_attack_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::storage_ring;

namespace {

const std::string name = "data:alice@example.com";

class attack {
 public:
  explicit attack(std::uint64_t seed) : ring_(10, seed), random_(seed) {}

  void run(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      disturb();
      // Right into the disturbance, and again once it has been noticed.
      for (int j = 0; j < 4; ++j) {
        write_and_read();
        ring_.run_for(std::chrono::milliseconds(number(900)));
      }
      ring_.run_for(6s);  // the promise is for one disturbance between repairs
    }
    CHECK(answered_ > 0);
  }

 private:
  std::size_t number(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

  std::size_t living() {
    while (true) {  // some node always lives
      const auto i = number(ring_.size());
      if (ring_.alive(i)) return i;
    }
  }

  void disturb() {
    std::size_t alive = 0;
    for (std::size_t i = 0; i < ring_.size(); ++i) alive += ring_.alive(i) ? 1 : 0;
    const auto order = ring_.nearest(overlay::name::parse(name)->key());
    const auto what = alive < 8 ? 2 : number(4);
    if (what == 0) ring_.kill(order[number(5)]);
    if (what == 1) {
      const auto first = number(5);
      ring_.kill(order[first]);
      ring_.kill(order[(first + 1 + number(4)) % 5]);
    }
    if (what == 2) {
      ring_.join();
      if (alive < 8) ring_.join();
    }
    if (what == 3) ring_.leave(order[number(5)]);
  }

  void write_and_read() {
    const auto writer = living();
    const auto value = std::to_string(++last_);
    const auto stored = ring_.update(writer, name, value);
    if (stored) {
      newest_ = last_;
      ++answered_;
    }
    const auto got = ring_.get(living(), name, true);
    if (!got) {
      CHECK_MESSAGE((got.error() == overlay::errc::timed_out || newest_ == 0), got.error().message());
      return;
    }
    std::uint64_t best = 0;
    for (const auto& v : got->values) best = std::max<std::uint64_t>(best, std::stoull(v.content.value));
    CHECK(best >= newest_);
  }

  storage_ring ring_;
  std::mt19937_64 random_;
  std::uint64_t last_ = 0, newest_ = 0, answered_ = 0;
};

}  // namespace

TEST_CASE("no answered value is lost to kills, joins and leaves, and every quorum read after it shows it or a newer one") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    attack(seed).run(8);
  }
}

TEST_CASE("of two conditional writers at one time only one is told that it stored") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    storage_ring ring(8, seed);
    // Two nodes of one owner's certificate would write one entry; here both use one phone's binding.
    overlay::location phone;
    phone.instance = "<urn:uuid:1>";
    overlay::record r;
    r.locations = {phone};
    int stored = 0, refused = 0;
    core::task_scope scope(ring.world.env());
    const auto one = [](overlay::storage& s, overlay::record content, int& yes, int& no) -> core::awaitable<void> {
      const auto n = overlay::name::parse("user location:alice@example.com");
      const overlay::write_options plain;
      const auto done = co_await s.records().add(*n, content, 600s, plain);
      if (done) ++yes;
      if (!done && done.error() == overlay::errc::already_exists) ++no;
    };
    for (std::size_t i = 0; i < 4; ++i) {
      r.locations[0].contact = "sip:alice@192.0.2." + std::to_string(i);  // identical values would all be stored, rightly
      scope.spawn(one(ring.at(i * 2), r, stored, refused));
    }
    if (seed % 2 == 0) ring.join();
    if (seed % 3 == 0) ring.kill(7);
    ring.run_for(20s);
    CHECK(stored == 1);
    CHECK(refused == 3);
    CHECK(scope.running() == 0);
  }
}

TEST_CASE("writers on both sides of a join never leave two values of one entry answered and one of them lost") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    storage_ring ring(7, seed);
    std::uint64_t answered = 0;
    for (std::uint64_t i = 1; i <= 6; ++i) {
      if (i == 3) ring.join();
      if (ring.update(i % 3, name, std::to_string(i))) answered = i;
      const auto got = ring.get((i + 1) % 3, name, true);
      REQUIRE(got.has_value());
      std::uint64_t best = 0;
      for (const auto& v : got->values) best = std::max<std::uint64_t>(best, std::stoull(v.content.value));
      CHECK(best >= answered);
    }
  }
}

}  // namespace storage_attack_test
