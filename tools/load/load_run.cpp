#include "load_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <thread>

#include "rate_search.hpp"

namespace phyllo::load {
namespace {

constexpr auto settling = std::chrono::milliseconds(20);  // until all threads stand at the start
constexpr double search_failed_most = 0;                  // unless --fail-rate says what may fail

// The last second on standard error, rewritten in place; nothing unless that is a terminal.
class live {
 public:
  live(const board& b) : board_(b) {
    if (::isatty(STDERR_FILENO) == 1) thread_ = std::jthread([this](const std::stop_token& s) { show(s); });
  }
  ~live() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    if (shown_) std::cerr << "\r\033[K" << std::flush;
  }
  live(const live&) = delete;
  live& operator=(const live&) = delete;

 private:
  void show(const std::stop_token& s) {
    while (!s.stop_requested()) {  // ends with the run
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      const auto rows = board_.rows();
      if (rows.empty() || rows.size() == told_) continue;
      told_ = rows.size();
      shown_ = true;
      std::cerr << "\r\033[K" << live_line(rows.back()) << std::flush;
    }
  }
  const board& board_;
  std::size_t told_ = 0;
  bool shown_ = false;
  std::jthread thread_;
};

bool is_clean(const outcome& o, const load_options& l) {
  auto limits = l;
  if (!limits.failed_most) limits.failed_most = search_failed_most;
  return broken_limits(o, limits).empty() && !fell_behind(o);
}

}  // namespace

core::status load_run::prepare() {
  const auto all = read_participants(options_);
  if (!all) return core::fail(all.error());
  for (unsigned i = 0; i < options_.load.threads; ++i) {
    auto end = load_end::open(options_, *all, i);
    if (!end) return core::fail(end.error());
    ends_.push_back(std::move(*end));
  }
  for (const auto& end : ends_) {
    if (auto done = end->prepare(stop_); !done) return done;
  }
  return {};
}

run_plan load_run::plan_at(double rate, unsigned thread) const {
  const auto& l = options_.load;
  const auto threads = l.threads;
  run_plan p;
  p.when.rate = rate / threads;
  p.when.begin = clock_now() + settling;
  p.when.end = p.when.begin + l.warm_up + l.length;
  if (l.count != ~std::uint64_t{0}) {
    p.when.most = l.count / threads + (thread < l.count % threads ? 1 : 0);
    p.when.end = core::time_point::max();
  }
  p.when.spaced = l.spaced;
  p.when.seed = l.seed + thread;
  p.drain = l.give_up + options_.sip.hold + std::chrono::milliseconds(100);
  p.warm_up = l.count == ~std::uint64_t{0} ? l.warm_up : core::duration::zero();
  return p;
}

outcome load_run::run_at(double rate) {
  board b(options_.load.threads);
  std::atomic<double> cpu = 0;
  const auto began = clock_now();
  {
    const live line(b);
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < ends_.size(); ++i) {
      threads.emplace_back([&, i, p = plan_at(rate, i)] { cpu += ends_[i]->run(p, b, stop_); });
    }
  }
  b.close();
  outcome o;
  o.rate = rate;
  o.cpu_s = cpu;
  o.total = b.total();
  o.rows = b.rows();
  const auto& l = options_.load;
  const auto took = std::chrono::duration<double>(clock_now() - began).count();
  const auto planned = l.count == ~std::uint64_t{0} ? std::chrono::duration<double>(l.length).count() : static_cast<double>(l.count) / rate;
  o.seconds = stop_ ? std::min(planned, took) : planned;
  for (const auto& end : ends_) {
    if (o.trouble.empty()) o.trouble = end->trouble();
  }
  return o;
}

outcome load_run::search() {
  const auto& l = options_.load;
  rate_search rates(l.rate, l.precision, l.search_most);
  outcome best;
  for (auto rate = rates.next(); rate && !stop_; rate = rates.next()) {
    auto o = run_at(*rate);
    const bool clean = is_clean(o, l);
    std::cerr << fmt::format("{:10.0f} a second: {:.4f} % failed, p99 {:.3f} ms: {}\n", *rate, o.total.failed_share() * 100,
                             static_cast<double>(o.total.whole.percentile_us(99)) / 1000,
                             clean            ? "clean"
                             : fell_behind(o) ? "not reached"
                                              : "too much");
    rates.tell(clean);
    if (clean || best.rate == 0) best = std::move(o);
  }
  best.rate = rates.best();
  return best;
}

}  // namespace phyllo::load
