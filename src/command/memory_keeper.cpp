#include "memory_keeper.hpp"

#include <ctime>

namespace phyllo::command {
namespace {

constexpr core::duration measured_every = std::chrono::seconds(20);
constexpr std::size_t free_least = 8 << 20;
constexpr double rest = 0.25;

core::duration cpu_time() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return std::chrono::duration_cast<core::duration>(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

}  // namespace

bool worth_giving_back(const core::heap_use& heap, double busy) noexcept {
  return busy < rest && heap.free >= free_least && heap.free > heap.used / 4;
}

core::awaitable<void> keep_memory_small(core::environment& env) {
  auto spent = cpu_time();
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env, measured_every);
    const auto now = cpu_time();
    const auto busy = std::chrono::duration<double>(now - spent) / std::chrono::duration<double>(measured_every);
    spent = now;
    if (worth_giving_back(core::heap_in_use(), busy)) core::give_back_heap();
  }
}

}  // namespace phyllo::command
