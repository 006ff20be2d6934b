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

// The same of keys with dots, whose last word counts most: who writes sip.leaf_set means overlay.leaf_set.
[[nodiscard]] std::string nearest_key(std::string_view key, const std::vector<std::string>& known);

}  // namespace phyllo::node
