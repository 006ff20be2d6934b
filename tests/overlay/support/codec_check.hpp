// What every codec is held to: it reads what it has written, and neither a shorter piece of it nor more.
#pragma once

#include <doctest.h>

#include "phyllo/core/bytes.hpp"

namespace phyllo::testing {

// `read` gives something that is true where the bytes are good.
template <class Read>
void check_reads_whole_only(const core::bytes& bytes, Read read) {
  CAPTURE(core::to_hex(bytes));
  CHECK(static_cast<bool>(read(core::byte_view(bytes))));
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CAPTURE(n);
    CHECK_FALSE(static_cast<bool>(read(core::byte_view(bytes).first(n))));
  }
  auto longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(static_cast<bool>(read(core::byte_view(longer))));
}

// What is printed reads back as it was, and no shorter piece of it reads at all.
template <class T>
void check_round_trip(const T& value) {
  const auto bytes = value.encode();
  const auto back = T::decode(bytes);
  REQUIRE(back.has_value());
  CHECK((*back == value));
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(T::decode(core::byte_view(bytes).first(n)).has_value());
  auto longer = bytes;
  longer.push_back(0);
  const auto read = T::decode(longer);
  if (read) CHECK_FALSE((*read == value));  // only opaque tails may take it in
}

// "01 02 0304": octets as a table of a specification has them.
inline core::bytes from_digits(std::string_view text) {
  std::string digits;
  for (const auto c : text) {
    if (c != ' ') digits += c;
  }
  const auto out = core::from_hex(digits);
  REQUIRE(out.has_value());
  return *out;
}

}  // namespace phyllo::testing
