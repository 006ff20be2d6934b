#include "assembly/certificate_watch.hpp"

#include "settings/certificate_check.hpp"

namespace phyllo::node {

void log_certificates(core::wall_time now, const configuration& c, const core::logger& log) {
  findings found;
  check_certificates(now, c, found);
  for (const auto& line : found.errors) log.error("{}", line);
  for (const auto& line : found.failing) log.error("{}", line);
  for (const auto& line : found.warnings) log.warning("{}", line);
}

core::awaitable<void> watch_certificates(core::environment& env, const configuration& c, core::logger log) {
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env, std::chrono::days(1));
    log_certificates(env.wall_now(), c, log);
  }
}

}  // namespace phyllo::node
