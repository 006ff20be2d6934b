#include "admin/process_metrics.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <sstream>

#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

void add(std::string& out, const char* name, const char* type, const char* help, double value) {
  out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
}

double seconds_of(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

// proc(5): a process sees its own descriptors, whoever owns the directory.
std::optional<double> open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc/self/fd"), ::closedir);
  if (!directory) return std::nullopt;
  double count = -3;                                      // ".", ".." and the directory's own
  while (::readdir(directory.get()) != nullptr) ++count;  // ends with the directory
  return count;
}

// The fields of /proc/self/stat after the program's name, which may hold anything.
std::optional<std::istringstream> own_stat() {
  const auto content = disk::read_file("/proc/self/stat");
  if (!content || !*content) return std::nullopt;
  return std::istringstream((*content)->substr((*content)->rfind(')') + 1));
}

struct process_numbers {
  double started_ticks = 0, virtual_bytes = 0, resident_pages = 0;
};

std::optional<process_numbers> own_numbers() {
  auto stat = own_stat();
  if (!stat) return std::nullopt;
  constexpr int fields_before = 19;  // state is field 3, starttime 22 (proc(5))
  std::string skipped;
  for (int i = 0; i < fields_before; ++i) *stat >> skipped;
  process_numbers n;
  if (!(*stat >> n.started_ticks >> n.virtual_bytes >> n.resident_pages)) return std::nullopt;
  return n;
}

// Ticks count from the machine's start.
double start_time(double ticks) {
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const auto up = static_cast<double>(since_boot.tv_sec) + static_cast<double>(since_boot.tv_nsec) / 1e9;
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return now - up + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::string process_metrics_text() {
  std::string out;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0)
    add(out, "process_cpu_seconds_total", "counter", "CPU seconds spent, in user and system mode.",
        seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    add(out, "process_max_fds", "gauge", "File descriptors that the process may have open.", static_cast<double>(limit.rlim_cur));
  if (const auto open = open_descriptors()) add(out, "process_open_fds", "gauge", "File descriptors that are open.", *open);
  if (const auto n = own_numbers()) {
    add(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
        n->resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    add(out, "process_start_time_seconds", "gauge", "When the process was started, in seconds since 1970.", start_time(n->started_ticks));
    add(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.", n->virtual_bytes);
  }
  return out;
}

}  // namespace phyllo::node
