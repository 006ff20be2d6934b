#include "link_race.hpp"

#include <algorithm>
#include <iterator>

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

link_race::link_race(core::environment& env, const std::vector<candidate>& to, attempt a)
    : env_(env), attempt_(std::move(a)), scope_(env), results_(env, candidates_max) {
  for (const auto kind : {link_kind::dtls, link_kind::tls}) {
    std::ranges::copy_if(to, std::back_inserter(to_), [kind](const candidate& c) { return c.kind == kind; });
  }
  if (to_.size() > candidates_max) to_.resize(candidates_max);
}

core::awaitable<link_result> link_race::run(core::time_point deadline) {
  std::size_t started = 0;
  std::size_t failed = 0;
  auto next_start = env_.now();
  while (failed < to_.size()) {  // ends with a link, when all failed, at the deadline, or cancelled
    const auto now = env_.now();
    if (now >= deadline) co_return core::fail(worst_.value_or(core::error(errc::timed_out, "no candidate answered")));
    if (started < to_.size() && now >= next_start) {
      scope_.spawn(try_one(*this, to_[started++]));
      next_start = now + stagger;
      continue;
    }
    const auto until = started < to_.size() ? std::min(next_start, deadline) : deadline;
    auto result = co_await results_.receive(until);
    if (!result && result.error() == core::errc::closed) co_return core::fail(errc::closed, "the host stops");
    if (!result) continue;
    if (*result) co_return std::move(*result);
    note(result->error());
    ++failed;
    next_start = env_.now();  // the next need not wait for a loser
  }
  co_return core::fail(worst_.value_or(core::error(errc::refused, "no candidate to connect to")));
}

void link_race::cancel() {
  results_.close();
  scope_.cancel();
}

void link_race::note(const core::error& e) {
  if (!worst_ || telling(e) > telling(*worst_)) worst_ = e;
}

core::awaitable<void> link_race::try_one(link_race& race, candidate c) {
  auto result = co_await race.attempt_(c);
  race.results_.push(std::move(result));
}

}  // namespace phyllo::transport
