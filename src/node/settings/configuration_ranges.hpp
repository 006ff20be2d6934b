// Between which bounds the numbers of a configuration are: the table of them.
#pragma once

#include <cstdint>
#include <vector>

#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

constexpr unsigned replicas_max = 32;

struct range {
  const char* key;
  std::uint64_t value, least, most;
};

// In the order of the checks.
[[nodiscard]] std::vector<range> ranges_of(const configuration& c);

}  // namespace phyllo::node
