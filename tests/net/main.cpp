// A bad path between two network namespaces: a TUN device in each, and a wire between (this kernel may have no netem).
//
//   wire NAMESPACE NAMESPACE --device wire0 --delay-ms 20 --loss 0.1 --duplicate 0.01 --reorder 0.05 --seed 7
//
// It makes the devices, prints "ready" when packets pass, and ends with SIGTERM, printing what it counted. Root.
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "wire.hpp"

using phyllo::testing::wire;

namespace {

constexpr std::size_t packet_max = 65535;

[[noreturn]] void give_up(const std::string& doing) {
  std::perror(doing.c_str());
  std::exit(1);
}

// Moves this process into the namespace and opens a TUN device there, which stays where it was made.
int open_device(const std::string& where, const std::string& name) {
  const int ns = ::open(("/run/netns/" + where).c_str(), O_RDONLY | O_CLOEXEC);
  if (ns < 0 || ::setns(ns, CLONE_NEWNET) != 0) give_up("network namespace " + where);
  ::close(ns);
  const int tun = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tun < 0) give_up("/dev/net/tun");
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(tun, TUNSETIFF, &request) != 0) give_up("TUN device " + name);
  return tun;
}

// All that waits at one end goes into the wire.
void fill(int tun, wire& w) {
  std::array<std::uint8_t, packet_max> buffer;  // filled by read
  while (true) {                                // ends when nothing waits
    const auto n = ::read(tun, buffer.data(), buffer.size());
    if (n <= 0) return;
    w.put({buffer.begin(), buffer.begin() + n}, wire::clock::now());
  }
}

void drain(wire& w, int tun) {
  while (const auto p = w.take(wire::clock::now())) {  // ends with what has arrived
    if (::write(tun, p->data(), p->size()) < 0 && errno != EIO && errno != EAGAIN) give_up("writing to the TUN device");  // EIO: it is down
  }
}

int milliseconds_until(const wire& a, const wire& b) {
  auto next = a.next();
  if (const auto other = b.next(); other && (!next || *other < *next)) next = other;
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - wire::clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 1000));
}

void print(const char* direction, const wire::counts& c) {
  std::printf("%s: %lu carried, %lu lost, %lu duplicated, %lu reordered, %lu too large\n", direction, c.carried, c.lost, c.duplicated,
              c.reordered, c.too_large);
}

void run(int left, int right, wire& there, wire& back, int signals) {
  while (true) {  // ends by SIGTERM or SIGINT
    std::array<pollfd, 3> waiting{{{left, POLLIN, 0}, {right, POLLIN, 0}, {signals, POLLIN, 0}}};
    ::poll(waiting.data(), waiting.size(), milliseconds_until(there, back));
    if (waiting[2].revents != 0) return;
    fill(left, there);
    fill(right, back);
    drain(there, right);
    drain(back, left);
  }
}

}  // namespace

int main(int argc, char** argv) {
  phyllo::testing::wire_options o;
  std::string from;
  std::string to;
  std::string device = "wire0";
  std::uint64_t seed = 1;
  int delay = 0;
  int jitter = 0;
  CLI::App app("A bad path between two network namespaces, for example: wire left right --delay-ms 20 --loss 0.1");
  app.add_option("left", from, "a namespace made by `ip netns add`")->required();
  app.add_option("right", to, "the other")->required();
  app.add_option("--device", device, "name of the TUN device in both");
  app.add_option("--delay-ms", delay, "one way");
  app.add_option("--jitter-ms", jitter, "added, 0 to this");
  app.add_option("--loss", o.loss, "share of packets lost")->check(CLI::Range(0.0, 1.0));
  app.add_option("--duplicate", o.duplicate, "share doubled")->check(CLI::Range(0.0, 1.0));
  app.add_option("--reorder", o.reorder, "share held back for 30 ms")->check(CLI::Range(0.0, 1.0));
  app.add_option("--mtu", o.mtu, "larger packets vanish, and nothing is said of it");
  app.add_option("--seed", seed, "repeats the same choices");
  CLI11_PARSE(app, argc, argv);
  o.delay = std::chrono::milliseconds(delay);
  o.jitter = std::chrono::milliseconds(jitter);

  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  const int signals = ::signalfd(-1, &ending, SFD_CLOEXEC);
  const int left = open_device(from, device);
  const int right = open_device(to, device);
  wire there(o, seed);
  wire back(o, seed + 1);
  std::printf("ready\n");
  std::fflush(stdout);
  run(left, right, there, back, signals);
  print("there", there.counted());
  print("back", back.counted());
  return 0;
}
