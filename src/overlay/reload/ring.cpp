#include "reload/ring.hpp"

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>

namespace phyllo::overlay {
namespace {

// An id as two machine words, most significant first: routing compares distances by the thousand.
struct wide {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const wide&, const wide&) = default;
};

std::uint64_t big_endian(std::uint64_t v) noexcept { return std::endian::native == std::endian::little ? __builtin_bswap64(v) : v; }

wide load(const node_id& id) noexcept {
  wide w;
  std::memcpy(&w.high, id.octets.data(), sizeof w.high);
  std::memcpy(&w.low, id.octets.data() + sizeof w.high, sizeof w.low);
  return {big_endian(w.high), big_endian(w.low)};
}

node_id store(const wide& w) noexcept {
  node_id id;
  const auto high = big_endian(w.high);
  const auto low = big_endian(w.low);
  std::memcpy(id.octets.data(), &high, sizeof high);
  std::memcpy(id.octets.data() + sizeof high, &low, sizeof low);
  return id;
}

wide minus(const wide& a, const wide& b) noexcept { return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low}; }

wide between(const wide& a, const wide& b) noexcept {
  const auto forth = minus(a, b);
  const auto back = minus(b, a);
  return forth < back ? forth : back;
}

}  // namespace

node_id clockwise(const node_id& a, const node_id& b) noexcept { return store(minus(load(b), load(a))); }

node_id distance(const node_id& a, const node_id& b) noexcept { return store(between(load(a), load(b))); }

bool nearer(const node_id& a, const node_id& b, const node_id& key) noexcept {
  const auto k = load(key);
  const auto order = between(load(a), k) <=> between(load(b), k);
  return order != 0 ? order < 0 : a < b;
}

node_id successor(const node_id& a) noexcept {
  auto w = load(a);
  if (++w.low == 0) ++w.high;
  return store(w);
}

unsigned digit(const node_id& id, unsigned index, unsigned bits) noexcept {
  const auto w = load(id);
  const auto first = index * bits;
  auto high = w.high;  // what begins with the digit
  if (first >= 64) {
    high = w.low << (first - 64);
  } else if (first > 0) {
    high = w.high << first | w.low >> (64 - first);
  }
  return static_cast<unsigned>(high >> (64 - bits));
}

unsigned common_digits(const node_id& a, const node_id& b, unsigned bits) noexcept {
  const auto x = load(a);
  const auto y = load(b);
  const auto high = static_cast<unsigned>(std::countl_zero(x.high ^ y.high));
  const auto same = high < 64 ? high : 64 + static_cast<unsigned>(std::countl_zero(x.low ^ y.low));
  return same / bits;
}

double size_of(const node_id& d) noexcept {
  const auto w = load(d);
  return static_cast<double>(w.high) * 0x1p64 + static_cast<double>(w.low);
}

}  // namespace phyllo::overlay
