// A request as a coroutine.
#pragma once

#include "phyllo/core/awaitable.hpp"
#include "reload/messenger.hpp"

namespace phyllo::overlay {

// What messenger::request would have given its handler: the answer (a RELOAD error is one), timed_out, or not_joined after stop().
// `env` and `by` outlive it.
core::awaitable<core::result<answer>> await_answer(core::environment& env, messenger& by, destination_list to, message_contents m,
                                                   core::time_point deadline, messenger::request_options o = messenger::request_options());

}  // namespace phyllo::overlay
