// Small header fields of answers: Retry-After and Date.
#pragma once

#include <string>

#include "message.hpp"
#include "phyllo/core/environment.hpp"

namespace phyllo::sip {

// 5 to 15 seconds, spread so that phones refused together do not come back together.
void add_retry_after(message& response, core::environment& env);

// RFC 3261 s.20.17: "Sat, 13 Nov 2010 23:29:00 GMT".
[[nodiscard]] std::string sip_date(core::wall_time t);

}  // namespace phyllo::sip
