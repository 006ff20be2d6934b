// What a way through the overlay is asked to: a name or a key.
#pragma once

#include <string>

#include "phyllo/core/result.hpp"
#include "phyllo/node/errc.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::node {

// What `supernode overlay trace` and its admin request take: a name, or a key of 32 hex digits.
struct trace_target {
  std::string text;  // as names are printed; the key's digits where it is one
  overlay::resource_id key;

  // errc::usage says what was expected.
  [[nodiscard]] static core::result<trace_target> parse(const std::string& text);
};

}  // namespace phyllo::node
