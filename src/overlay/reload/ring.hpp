// Arithmetic on the ring of 2^128 points (specification of the Pastry plug-in, `d`, `root` and digits of b bits).
#pragma once

#include <compare>

#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

// b - a mod 2^128: how far b lies clockwise (towards rising ids) from a. Ordered as an unsigned integer.
[[nodiscard]] node_id clockwise(const node_id& a, const node_id& b) noexcept;

// d(a, b) = min(a - b, b - a).
[[nodiscard]] node_id distance(const node_id& a, const node_id& b) noexcept;

// a is a better root for `key` than b: less distance, ties to the smaller Node-ID.
[[nodiscard]] bool nearer(const node_id& a, const node_id& b, const node_id& key) noexcept;

// a + 1: where a joiner's Attach goes to (RFC 6940 s.11.4).
[[nodiscard]] node_id successor(const node_id& a) noexcept;

// Of a distance, about.
[[nodiscard]] double size_of(const node_id& d) noexcept;

// Digits are numbered from the most significant on; 1 to 8 bits each. Where they do not divide 128 the last one is filled with zeros.
[[nodiscard]] unsigned digit(const node_id& id, unsigned index, unsigned bits) noexcept;
[[nodiscard]] unsigned common_digits(const node_id& a, const node_id& b, unsigned bits) noexcept;
[[nodiscard]] constexpr unsigned digits_of(unsigned bits) noexcept { return (128 + bits - 1) / bits; }

}  // namespace phyllo::overlay
