// The errors of tier node.
#pragma once

#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::node {

enum class errc {
  configuration = 1,  // the configuration is wrong: file, line, column, key and what was expected in the detail
  usage,              // a command was called with arguments that make no sense
  no_running_node,    // nothing answers at the admin address of the configuration
  not_found,          // what was named does not exist
  refused,            // the node, or the overlay, refuses; the reason in the detail
  timed_out,          // no answer in time
  malformed,          // an answer, a CSV line or a batch line that does not parse
};

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

}  // namespace phyllo::node

template <>
struct std::is_error_code_enum<phyllo::node::errc> : std::true_type {};
