#include "phyllo/core/told_time.hpp"

#include <fmt/format.h>

namespace phyllo::core {

std::string text_of_span(duration d) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::abs(d)).count();
  if (s < 120) return fmt::format("{} s", s);
  if (s < 7200) return fmt::format("{} min {} s", s / 60, s % 60);
  const auto minutes = (s + 30) / 60;
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::string text_of_difference(duration ahead, const std::string& whose) {
  return fmt::format("the clock of this node is {} {} {}", text_of_span(ahead), ahead > duration::zero() ? "behind" : "ahead of", whose);
}

}  // namespace phyllo::core
