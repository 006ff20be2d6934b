// The command line's way to the running node: one HTTP exchange by its Unix socket.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::command {

struct admin_answer {
  int status = 0;
  nlohmann::json body;
};

// For a command that names a time-out: the node says what happened after it, which is better than our guess.
constexpr std::chrono::seconds answer_grace{3};

// `body` null: GET, else POST. no_running_node when nothing listens at that path, refused (another user's node), timed_out, malformed.
core::awaitable<core::result<admin_answer>> ask_admin(core::environment& env, std::string socket, std::string target, nlohmann::json body,
                                                      core::time_point deadline);

}  // namespace phyllo::command
