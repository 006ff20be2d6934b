#include "phyllo/node/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace phyllo::node {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto substituted = diagonal + (a[i] == b[j] ? 0u : 1u);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  const auto best = std::ranges::min_element(known, {}, [&](const std::string& k) { return edit_distance(word, k); });
  return best == known.end() ? std::string() : *best;
}

std::string nearest_key(std::string_view key, const std::vector<std::string>& known) {
  const auto last = [](std::string_view k) { return k.substr(k.rfind('.') + 1); };  // npos + 1 is 0
  const auto best = std::ranges::min_element(
      known, {}, [&](const std::string& k) { return 2 * edit_distance(last(key), last(k)) + edit_distance(key, k); });
  return best == known.end() ? std::string() : *best;
}

}  // namespace phyllo::node
