// RELOAD messages as far as a link looks at them: the forwarding header and some body.
#pragma once

#include "phyllo/core/wire.hpp"

namespace phyllo::testing {

// `lists` bytes of via list; 38 + lists + body in all.
inline core::bytes reload_message(std::uint64_t transaction, std::size_t body, std::size_t lists = 0) {
  core::bytes out;
  core::wire_writer w(out);
  w.u32(0xd2454c4f);
  w.u32(1);
  w.u16(1);
  w.u8(0x0a);
  w.u8(30);
  w.u32(0xc0000000);
  w.u32(static_cast<std::uint32_t>(38 + lists + body));
  w.u64(transaction);
  w.u32(0);
  w.u16(static_cast<std::uint16_t>(lists));
  w.u16(0);
  w.u16(0);
  for (std::size_t i = 0; i < lists; ++i) w.u8(0xee);
  for (std::size_t i = 0; i < body; ++i) w.u8(static_cast<std::uint8_t>(i * 7 + transaction));
  return out;
}

}  // namespace phyllo::testing
