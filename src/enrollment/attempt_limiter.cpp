#include "attempt_limiter.hpp"

namespace phyllo::enrollment {

bool attempt_limiter::begin(std::uint64_t host, core::time_point now) {
  auto& m = minutes_.try_emplace(host).first;
  if (m.ends <= now) m = minute{0, now + std::chrono::minutes(1)};
  if (m.attempts >= limit_) return false;
  ++m.attempts;
  return true;
}

void attempt_limiter::forgive(std::uint64_t host) {
  auto* m = minutes_.find(host);
  if (m != nullptr && m->attempts > 0) --m->attempts;
}

}  // namespace phyllo::enrollment
