// The three kinds of time: a monotonic point (deadlines), a wall clock (signed time stamps), and spans.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace phyllo::core {

using duration = std::chrono::steady_clock::duration;
using time_point = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;

// Milliseconds since the Unix epoch, the unit of RELOAD's storage_time (RFC 6940 s.7).
[[nodiscard]] std::uint64_t unix_milliseconds(wall_time t) noexcept;
[[nodiscard]] wall_time from_unix_milliseconds(std::uint64_t ms) noexcept;

// "2026-01-02T03:04:05.678Z" (RFC 3339).
[[nodiscard]] std::string to_iso8601(wall_time t);

}  // namespace phyllo::core
