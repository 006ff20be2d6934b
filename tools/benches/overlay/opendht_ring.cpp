// The peer's side of the bench: OpenDHT nodes in one process on loopback, the same operations, the same figures.
#include <opendht/dhtrunner.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr in_port_t first_port = 24222;

double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return of(u.ru_utime) + of(u.ru_stime);
}

double seconds_since(clock_type::time_point t) { return std::chrono::duration<double>(clock_type::now() - t).count(); }

struct cost {
  double cpu_us = 0;
  std::vector<double> took_us;
  void print(const char* name) {
    std::sort(took_us.begin(), took_us.end());
    const auto at = [&](double share) { return took_us[static_cast<std::size_t>(share * static_cast<double>(took_us.size() - 1))]; };
    std::printf(R"("%s":{"cpu_us":%.1f,"p50_us":%.1f,"p99_us":%.1f,"operations":%zu})", name, cpu_us, at(0.5), at(0.99), took_us.size());
  }
};

bool put(dht::DhtRunner& node, const dht::InfoHash& key, std::size_t bytes) {
  auto done = std::make_shared<std::promise<bool>>();
  auto future = done->get_future();
  node.put(key, dht::Value(std::vector<std::uint8_t>(bytes, 'x')), [done](bool ok) { done->set_value(ok); });
  return future.wait_for(10s) == std::future_status::ready && future.get();
}

// Done with the first value, as an application that knows there is one would be.
bool get(dht::DhtRunner& node, const dht::InfoHash& key) {
  struct state {
    std::promise<bool> first;
    bool told = false;
  };
  auto s = std::make_shared<state>();
  auto future = s->first.get_future();
  const auto tell = [s](bool good) {
    if (!s->told) s->first.set_value(good);
    s->told = true;
  };
  node.get(
      key,
      [tell](const std::vector<std::shared_ptr<dht::Value>>& values) {
        if (!values.empty()) tell(true);
        return values.empty();
      },
      [tell](bool) { tell(false); });
  return future.wait_for(10s) == std::future_status::ready && future.get();
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned nodes = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 32;
  const unsigned operations = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 2000;
  const std::size_t bytes = argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 200;
  std::vector<std::unique_ptr<dht::DhtRunner>> ring;
  for (unsigned i = 0; i < nodes; ++i) {
    ring.push_back(std::make_unique<dht::DhtRunner>());
    dht::DhtRunner::Config config;
    config.threaded = true;
    config.dht_config.node_config.max_req_per_sec = -1;  // neither side limits what it takes
    config.dht_config.node_config.max_peer_req_per_sec = -1;
    ring.back()->run(static_cast<in_port_t>(first_port + i), config);
    if (i > 0) ring.back()->bootstrap("127.0.0.1", std::to_string(first_port));
  }
  std::this_thread::sleep_for(10s);
  auto cpu = cpu_seconds();
  auto began = clock_type::now();
  std::this_thread::sleep_for(5s);
  const double idle = (cpu_seconds() - cpu) / seconds_since(began);
  std::mt19937_64 dice(1);
  cost costs[2];
  unsigned failed = 0;
  for (int kind = 0; kind < 2; ++kind) {
    auto& c = costs[kind];
    cpu = cpu_seconds();
    began = clock_type::now();
    for (unsigned i = 0; i < operations; ++i) {
      const auto key = dht::InfoHash::get("record" + std::to_string(i));
      auto& node = *ring[dice() % ring.size()];
      const auto at = clock_type::now();
      const bool good = kind == 0 ? put(node, key, bytes) : get(node, key);
      failed += good ? 0 : 1;
      c.took_us.push_back(seconds_since(at) * 1e6);
    }
    c.cpu_us = (cpu_seconds() - cpu - idle * seconds_since(began)) * 1e6 / operations;
  }
  std::printf(R"({"nodes":%u,"idle_cpu_share":%.4f,"failed":%u,)", nodes, idle, failed);
  costs[0].print("put");
  std::printf(",");
  costs[1].print("get");
  std::printf("}\n");
  std::fflush(stdout);
  std::_Exit(0);  // its shutdown waits for peers that go at the same time
}
