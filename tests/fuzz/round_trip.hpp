// What fuzz targets of structures share: whatever reads prints to something that reads to the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/core/wire.hpp"

namespace phyllo::fuzz {

// Of structures of which one may be written in several ways: what is encoded is decoded to the same, and encoded so again.
template <class T>
void reencoded(core::byte_view input) {
  const auto first = T::decode(input);
  if (!first) return;
  const auto bytes = first->encode();
  const auto second = T::decode(bytes);
  if (!second || !(*second == *first) || second->encode() != bytes) std::abort();
}

// Of those that are written in one way only.
template <class T>
void encoded(core::byte_view input) {
  if (const auto v = T::decode(input)) {
    if (v->encode() != core::to_bytes(input)) std::abort();
  }
}

// Of those that are read from, and written to, a stream.
template <class T>
void streamed(core::byte_view input) {
  core::wire_reader r(input);
  const auto first = T::read(r);
  if (!r.done()) return;
  core::bytes text;
  core::wire_writer w(text);
  first.write(w);
  core::wire_reader again(text);
  const auto second = T::read(again);
  core::bytes same;
  core::wire_writer v(same);
  second.write(v);
  if (!again.done() || same != text) std::abort();
}

}  // namespace phyllo::fuzz
