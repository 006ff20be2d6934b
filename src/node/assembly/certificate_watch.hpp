// Says in the log, day by day, which certificates of a running node have ended or soon will.
#pragma once

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// What there is to say now.
void log_certificates(core::wall_time now, const configuration& c, const core::logger& log);

// The same once a day, not now; ends by cancellation. References outlive it; `c` may change meanwhile.
core::awaitable<void> watch_certificates(core::environment& env, const configuration& c, core::logger log);

}  // namespace phyllo::node
