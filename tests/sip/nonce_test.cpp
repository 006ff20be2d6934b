#include "sip/nonce.hpp"

#include <doctest.h>

#include <array>

namespace nonce_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const core::wall_time noon = core::from_unix_milliseconds(1'767'225'600'000);
constexpr nonce_book::salt salt_of(std::uint8_t n) { return {n, 1, 2, 3, 4, 5, 6, 7}; }

// A book with one key.
struct keyed_book {
  core::bytes key;
  nonce_book kept;

  [[nodiscard]] std::string make(core::wall_time now, const nonce_book::salt& s, std::string_view bound_to) const {
    return nonce_book::make(key, now, s, bound_to);
  }
  bool use(std::string_view nonce, std::uint32_t count, core::wall_time now, std::string_view bound_to) {
    const std::array<core::byte_view, 1> keys{key};
    return kept.use(keys, nonce, count, now, bound_to);
  }
  [[nodiscard]] std::size_t remembered() const { return kept.remembered(); }
};

keyed_book book(std::uint8_t key = 1, std::size_t max = 1000, core::wall_time began = {}) {
  return {core::bytes(32, key), nonce_book(300s, began, max)};
}

}  // namespace

TEST_CASE("a nonce of ours is good once for each count until it is old") {
  auto b = book();
  const auto n = b.make(noon, salt_of(1), "example.com");
  CHECK(b.use(n, 1, noon + 1s, "example.com"));
  CHECK_FALSE(b.use(n, 1, noon + 1s, "example.com"));
  CHECK(b.use(n, 2, noon + 299s, "example.com"));
  CHECK_FALSE(b.use(n, 3, noon + 301s, "example.com"));
  CHECK_FALSE(b.use(n, 0, noon + 1s, "example.com"));
}

TEST_CASE("counts may overtake one another, but none passes twice") {
  auto b = book();
  const auto n = b.make(noon, salt_of(1), "r");
  CHECK(b.use(n, 5, noon, "r"));
  CHECK(b.use(n, 3, noon, "r"));
  CHECK_FALSE(b.use(n, 3, noon, "r"));
  CHECK_FALSE(b.use(n, 5, noon, "r"));
  CHECK(b.use(n, 100, noon, "r"));
  CHECK_FALSE(b.use(n, 36, noon, "r"));  // below the window: unknown, so refused
  CHECK(b.use(n, 37, noon, "r"));
}

TEST_CASE("a nonce of another key, another realm, from the future or with a changed digit is none of ours") {
  auto b = book();
  auto n = b.make(noon, salt_of(1), "r");
  CHECK_FALSE(b.use(book(2).make(noon, salt_of(1), "r"), 1, noon, "r"));
  CHECK_FALSE(b.use(n, 1, noon, "s"));
  CHECK_FALSE(b.use(n, 1, noon - 6s, "r"));
  for (std::size_t i = 0; i < n.size(); ++i) {
    auto changed = n;
    changed[i] = changed[i] == '0' ? '1' : '0';
    CHECK_FALSE(b.use(changed, 1, noon, "r"));
  }
  CHECK_FALSE(b.use("", 1, noon, "r"));
  CHECK(b.use(n, 1, noon, "r"));
}

TEST_CASE("a nonce of an older key is good as long as the key is known") {
  const auto old = book(1);
  const auto now = book(2);
  nonce_book kept(300s, {}, 10);
  const std::array<core::byte_view, 2> both{now.key, old.key};
  const std::array<core::byte_view, 1> newest{now.key};
  const auto n = old.make(noon, salt_of(9), "r");
  CHECK_FALSE(kept.use(newest, n, 1, noon, "r"));
  CHECK(kept.use(both, n, 1, noon, "r"));
}

TEST_CASE("of a nonce is known at once whether it was made here for this asker, and whether it is old") {
  const auto b = book(1, 1000, noon);
  const auto other = book(2);
  const std::array<core::byte_view, 1> keys{b.key};
  const auto n = b.make(noon, salt_of(1), "r\n192.0.2.1");
  using enum nonce_book::age;
  CHECK(b.kept.age_of(keys, n, noon + 299s, "r\n192.0.2.1") == good);
  CHECK(b.kept.age_of(keys, n, noon + 301s, "r\n192.0.2.1") == old);
  CHECK(b.kept.age_of(keys, b.make(noon - 1s, salt_of(1), "r"), noon, "r") == old);
  CHECK(b.kept.age_of(keys, n, noon, "r\n192.0.2.2") == foreign);
  CHECK(b.kept.age_of(keys, other.make(noon, salt_of(1), "r"), noon, "r") == foreign);
  CHECK(b.kept.age_of(keys, "", noon, "r") == foreign);
  CHECK(b.kept.remembered() == 0);
}

TEST_CASE("a nonce from before the book began is stale, since nobody knows whether it was used") {
  auto b = book(1, 1000, noon);
  CHECK_FALSE(b.use(b.make(noon - 1s, salt_of(1), "r"), 1, noon, "r"));
  CHECK(b.use(b.make(noon, salt_of(2), "r"), 1, noon, "r"));
}

TEST_CASE("a full book stays bounded and lets nothing that it forgot be replayed") {
  auto b = book(1, 10);
  std::vector<std::string> used;
  for (std::uint8_t i = 0; i < 50; ++i) {
    const auto at = noon + i * 1ms;
    used.push_back(b.make(at, salt_of(i), "r"));
    CHECK(b.use(used.back(), 1, at, "r"));
    CHECK(b.remembered() <= 10);
  }
  for (const auto& n : used) CHECK_FALSE(b.use(n, 1, noon + 1s, "r"));
  for (const auto& n : used) CHECK_FALSE(b.use(n, 1, noon + 2s, "r"));
}

TEST_CASE("expired nonces leave the book") {
  auto b = book();
  for (std::uint8_t i = 0; i < 20; ++i) CHECK(b.use(b.make(noon, salt_of(i), "r"), 1, noon, "r"));
  CHECK(b.use(b.make(noon + 400s, salt_of(99), "r"), 1, noon + 400s, "r"));
  CHECK(b.remembered() == 1);
}

}  // namespace nonce_test
