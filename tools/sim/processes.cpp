#include "processes.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace phyllo::simulate {
namespace {

struct child {
  std::size_t number;
  pid_t pid;
  int pipe;  // its result comes out of it
  std::vector<std::uint8_t> received;
};

[[noreturn]] void fail(const char* what) { throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno))); }

void write_all(int to, const std::vector<std::uint8_t>& data) {
  for (std::size_t at = 0; at < data.size();) {  // ends: each write takes some, or none is taken any more
    const auto n = ::write(to, data.data() + at, data.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    at += static_cast<std::size_t>(n);
  }
}

child begin(const process_work& w, std::size_t number) {
  int ends[2];
  if (::pipe(ends) != 0) fail("no pipe");
  std::fflush(nullptr);  // else the child would print it once more
  const auto pid = ::fork();
  if (pid < 0) fail("no process");
  if (pid == 0) {
    ::close(ends[0]);
    write_all(ends[1], nlohmann::json::to_cbor(w.work(number)));
    std::fflush(nullptr);
    ::_exit(0);  // what is left is the system's to clear away
  }
  ::close(ends[1]);
  return {number, pid, ends[0], {}};
}

// True: it has closed its end.
bool read_some(child& c) {
  std::uint8_t block[65536];
  const auto n = ::read(c.pipe, block, sizeof block);
  if (n > 0) c.received.insert(c.received.end(), block, block + n);
  return n == 0 || (n < 0 && errno != EINTR);
}

void end(const process_work& w, child& c) {
  ::close(c.pipe);
  int status = 0;
  while (::waitpid(c.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return w.done(c.number, nlohmann::json::from_cbor(c.received), {});
  const auto died = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status)) : fmt::format("exit code {}", WEXITSTATUS(status));
  w.done(c.number, {}, died);
}

}  // namespace

void run_in_processes(const process_work& w) {
  std::vector<child> running;
  auto next = w.first;
  while (next < w.first + w.count || !running.empty()) {  // ends when each has run
    while (next < w.first + w.count && running.size() < std::max<std::size_t>(w.at_once, 1)) running.push_back(begin(w, next++));
    std::vector<pollfd> ready;
    for (const auto& c : running) ready.push_back({c.pipe, POLLIN, 0});
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) fail("poll");
    for (std::size_t i = running.size(); i-- > 0;) {
      if (ready[i].revents == 0 || !read_some(running[i])) continue;
      end(w, running[i]);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

}  // namespace phyllo::simulate
