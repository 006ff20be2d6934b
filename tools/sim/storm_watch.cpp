#include "storm_watch.hpp"

#include <algorithm>

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;
constexpr core::duration sample_every = 100ms;
constexpr core::duration ask_every = 5s;
constexpr core::duration answer_within = 5s;

}  // namespace

void storm_watch::begin() {
  running_ = ++runs_;
  began_ = ring_.world().now();
  m_ = measured();
  states_.clear();
  for (const auto& [id, n] : ring_.active_nodes()) {
    states_[n->index] = {
        .received = n->host->received, .sent = n->host->sent, .refused = n->host->refused, .received_second = n->host->received};
  }
  ring_.world().spawn(sample(runs_));
  ring_.world().spawn(ask_all(runs_));
}

core::awaitable<void> storm_watch::sample(unsigned run) {
  unsigned tick = 0;
  while (running_ == run) {  // ends with the run
    co_await core::sleep_for(ring_.world().env(), sample_every);
    if (running_ != run) break;
    const bool whole_second = ++tick % 10 == 0;
    second_ = second_peak_ = 0;
    for (const auto& [id, n] : ring_.active_nodes()) look(*n, whole_second);
    if (!whole_second) continue;
    const auto supernodes = static_cast<double>(ring_.active());
    const auto t = std::chrono::duration<double>(ring_.world().now() - began_).count();
    m_.supernode_seconds += supernodes;
    m_.mean_line.emplace_back(t, static_cast<double>(second_) / supernodes);
    m_.peak_line.emplace_back(t, static_cast<double>(second_peak_));
    m_.received += second_;
    m_.peak = std::max(m_.peak, second_peak_);
  }
}

void storm_watch::look(const sim::node& n, bool whole_second) {
  auto& s = states_[n.index];
  const auto& h = *n.host;
  if (h.refused != s.refused && !std::exchange(s.overrun, true)) ++m_.overrun;
  s.refused = h.refused;
  const bool silent = h.backlog(ring_.world().now()) > core::duration::zero() && h.sent == s.sent;
  s.silent = silent ? s.silent + sample_every : core::duration::zero();
  m_.silence = std::max(m_.silence, s.silent);
  s.sent = h.sent;
  if (!whole_second) return;
  const auto came = h.received - std::exchange(s.received_second, h.received);
  second_ += came;
  second_peak_ = std::max(second_peak_, came);
}

core::awaitable<void> storm_watch::ask_all(unsigned run) {
  while (running_ == run) {  // ends with the run
    std::vector<sim::node*> living;
    for (const auto& [id, n] : ring_.active_nodes()) living.push_back(n);
    const auto pause = ask_every / static_cast<std::int64_t>(living.size() + 1);
    for (auto* n : living) {
      if (running_ != run) co_return;
      if (n->active) ring_.world().spawn(ask(ring_.random_active(), *n));
      co_await core::sleep_for(ring_.world().env(), pause);
    }
  }
}

core::awaitable<void> storm_watch::ask(sim::node& from, sim::node& whom) {
  const auto run = runs_;
  const auto answered = co_await from.peer->ping(whom.id(), answer_within);
  if (run != runs_ || !whom.active || !from.active) co_return;  // it has died meanwhile
  ++m_.asked;
  if (!answered) ++m_.unanswered;
}

double storm_watch::mean_rate() const { return m_.supernode_seconds > 0 ? static_cast<double>(m_.received) / m_.supernode_seconds : 0; }
double storm_watch::peak_rate() const { return static_cast<double>(m_.peak); }
double storm_watch::longest_silence() const { return std::chrono::duration<double>(m_.silence).count(); }

plot storm_watch::load() const {
  plot p;
  p.file = "storm-load";
  p.title = "Messages a second that come to a living supernode";
  p.x = "seconds after the storm began";
  p.y = "messages/s";
  p.lines = {{"mean", m_.mean_line}, {"busiest", m_.peak_line}};
  return p;
}

}  // namespace phyllo::simulate
