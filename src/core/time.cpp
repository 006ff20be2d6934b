#include "phyllo/core/time.hpp"

#include <fmt/chrono.h>

namespace phyllo::core {

std::uint64_t unix_milliseconds(wall_time t) noexcept {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count());
}

wall_time from_unix_milliseconds(std::uint64_t ms) noexcept {
  return wall_time(std::chrono::duration_cast<wall_time::duration>(std::chrono::milliseconds(static_cast<std::int64_t>(ms))));
}

std::string to_iso8601(wall_time t) {
  const auto ms = unix_milliseconds(t);
  const auto seconds = std::chrono::system_clock::to_time_t(t);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), ms % 1000);
}

}  // namespace phyllo::core
