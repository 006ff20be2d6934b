#include "runner.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace phyllo::load {
namespace {

constexpr int begun_at_once = 64;  // then what came is read

double thread_cpu_seconds() {
  rusage u{};
  ::getrusage(RUSAGE_THREAD, &u);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return of(u.ru_utime) + of(u.ru_stime);
}

// Tells the board each second that has passed.
class seconds_teller {
 public:
  seconds_teller(core::time_point began, board& b, machine& m) : began_(began), board_(b), machine_(m) {}
  void pass(core::time_point now) {
    while (now - began_ >= std::chrono::seconds(second_ + 1)) tell();  // one for each second
  }
  void tell() {
    board_.tell(second_++, machine_.counted());
    machine_.counted().clear();
  }

 private:
  core::time_point began_;
  board& board_;
  machine& machine_;
  unsigned second_ = 0;
};

// Begins what is due; when the next one is, or nothing.
std::optional<core::time_point> begin_due(machine& m, arrivals& when, core::time_point now) {
  auto next = when.next();
  for (int i = 0; i < begun_at_once && next && *next <= now; ++i) {
    m.begin(*next, now);
    when.take();
    next = when.next();
  }
  return next;
}

}  // namespace

double run(machine& m, ways& w, const run_plan& p, board& b, const std::atomic<bool>& stop) {
  const auto cpu = thread_cpu_seconds();
  arrivals when(p.when);
  seconds_teller seconds(p.when.begin + p.warm_up, b, m);
  auto last = core::time_point::max();
  for (auto now = clock_now();; now = clock_now()) {  // ends when all is over, or too late
    const auto next = stop ? std::nullopt : begin_due(m, when, now);
    if (m.next_time() <= now) m.on_time(now);
    w.flush();
    if (!next && last == core::time_point::max()) last = now + (stop ? core::duration::zero() : p.drain);
    if (!next && (m.open() == 0 || now >= last)) break;
    w.wait(std::min({next.value_or(last), m.next_time(), now + std::chrono::seconds(1)}));
    w.receive(m);
    seconds.pass(now);
  }
  m.abandon(clock_now());
  seconds.tell();
  return thread_cpu_seconds() - cpu;
}

}  // namespace phyllo::load
