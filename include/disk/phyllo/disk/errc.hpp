// The errors of tier disk.
#pragma once

#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::disk {

enum class errc {
  io = 1,  // a file or directory could not be used; its path and the system's words in the detail
};

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

}  // namespace phyllo::disk

template <>
struct std::is_error_code_enum<phyllo::disk::errc> : std::true_type {};
