// Every structure of ours on the wire: how one is made at random, and how it is read and printed again.
#pragma once

#include <span>
#include <string_view>

#include "support/message_generator.hpp"

namespace phyllo::testing {

struct wire_structure {
  std::string_view name;
  std::string_view fuzz_target;  // whose corpus it starts
  core::bytes (*make)(message_generator& g);
  // Read and printed again; nothing: refused.
  std::optional<core::bytes> (*again)(core::byte_view input);
  bool open_end = false;  // takes whatever follows as its own: not every cut of it is refused
};

[[nodiscard]] std::span<const wire_structure> wire_structures();

}  // namespace phyllo::testing
