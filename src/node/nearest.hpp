// The known word nearest to one that is not known, for error messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace phyllo::node {

// Levenshtein's distance.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The first of the nearest; empty if `known` is.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace phyllo::node
