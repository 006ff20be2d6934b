#include "ring.hpp"

#include <algorithm>

namespace phyllo::overlay {

node_id clockwise(const node_id& a, const node_id& b) noexcept {
  node_id out;
  int borrow = 0;
  for (std::size_t i = node_id::size; i-- > 0;) {
    const int d = int{b.octets[i]} - int{a.octets[i]} - borrow;
    borrow = d < 0 ? 1 : 0;
    out.octets[i] = static_cast<std::uint8_t>(d & 0xff);
  }
  return out;
}

node_id distance(const node_id& a, const node_id& b) noexcept { return std::min(clockwise(a, b), clockwise(b, a)); }

bool nearer(const node_id& a, const node_id& b, const node_id& key) noexcept {
  const auto da = distance(a, key);
  const auto db = distance(b, key);
  return da != db ? da < db : a < b;
}

node_id successor(const node_id& a) noexcept {
  auto out = a;
  for (std::size_t i = node_id::size; i-- > 0;) {
    if (++out.octets[i] != 0) break;
  }
  return out;
}

unsigned digit(const node_id& id, unsigned index, unsigned bits) noexcept {
  const auto per_octet = 8 / bits;
  const auto shift = 8 - bits * (index % per_octet + 1);
  return (unsigned{id.octets[index / per_octet]} >> shift) & ((1U << bits) - 1);
}

unsigned common_digits(const node_id& a, const node_id& b, unsigned bits) noexcept {
  unsigned n = 0;
  while (n < digits_of(bits) && digit(a, n, bits) == digit(b, n, bits)) ++n;
  return n;
}

}  // namespace phyllo::overlay
