#include "link/carrier_race.hpp"

#include <algorithm>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

// What a caller learns most from: a peer that answered and failed tells more than silence.
int telling(const core::error& e) {
  if (e == errc::wrong_peer || e == errc::certificate_rejected) return 4;
  if (e == errc::handshake_failed) return 3;
  if (e == errc::overloaded) return 2;
  return e == errc::refused ? 1 : 0;
}

}  // namespace

carrier_race::carrier_race(core::environment& env, std::vector<ladder_step> steps, attempt a)
    : env_(env), steps_(std::move(steps)), attempt_(std::move(a)), scope_(env), results_(env, std::max<std::size_t>(steps_.size(), 1)) {}

core::awaitable<carrier_result> carrier_race::run(core::time_point deadline) {
  std::size_t started = 0;
  std::size_t failed = 0;
  auto began = env_.now();          // moved back when the next need not wait for a loser
  while (failed < steps_.size()) {  // ends with a link, when all failed, at the deadline, or cancelled
    const auto now = env_.now();
    if (now >= deadline) co_return core::fail(worst_.value_or(core::error(errc::timed_out, "no candidate answered")));
    auto until = deadline;
    if (started < steps_.size()) {
      const auto next = std::max(began + steps_[started].after, hold_);
      if (now >= next) {
        scope_.spawn(try_one(*this, steps_[started++]));
        continue;
      }
      until = std::min(deadline, next);
    }
    auto result = co_await results_.receive(until);
    if (!result && result.error() == core::errc::closed) co_return core::fail(errc::closed, "the host stops");
    if (!result) continue;
    if (*result) co_return std::move(*result);
    note(result->error());
    ++failed;
    hold_ = {};
    if (started < steps_.size()) began = std::min(began, env_.now() - steps_[started].after);
  }
  co_return core::fail(worst_.value_or(core::error(errc::refused, "no candidate to connect to")));
}

// A way that is open is worth waiting for: else the peer is dialled by all the others where the round trip is long.
void carrier_race::answered() { hold_ = std::max(hold_, env_.now() + patience); }

void carrier_race::cancel() {
  results_.close();
  scope_.cancel();
}

void carrier_race::note(const core::error& e) {
  if (!worst_ || telling(e) > telling(*worst_)) worst_ = e;
}

core::awaitable<void> carrier_race::try_one(carrier_race& race, ladder_step s) {
  auto result = co_await race.attempt_(s, race);
  race.results_.push(std::move(result));
}

}  // namespace phyllo::transport
