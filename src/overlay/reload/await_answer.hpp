// A request as a coroutine.
#pragma once

#include "phyllo/core/awaitable.hpp"
#include "reload/requester.hpp"

namespace phyllo::overlay {

// What requester::ask would have given its handler: the answer (a RELOAD error is one), timed_out, or not_joined after stop().
// `env` and `by` outlive it.
core::awaitable<core::result<answer>> await_answer(core::environment& env, requester& by, destination_list to, message_contents m,
                                                   core::time_point deadline, requester::options o = requester::options());

}  // namespace phyllo::overlay
