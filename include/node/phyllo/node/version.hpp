// The version every command prints.
#pragma once

namespace phyllo::node {

inline constexpr const char* version = "0.1.0";

}  // namespace phyllo::node
