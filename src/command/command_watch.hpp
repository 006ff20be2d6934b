// `supernode overlay watch`: prints the state of a name now and after each change.
#pragma once

#include "phyllo/command/command.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::command {

[[nodiscard]] exit_code watch_command(const overlay_request& r, std::string socket);

}  // namespace phyllo::command
