// How many next-hop decisions a second one core makes, with the leaf set and routing table of a node among many.
// One JSON object on standard output.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "pastry/ring_view.hpp"
#include "reload/ring.hpp"

using namespace phyllo;

namespace {

double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return static_cast<double>(u.ru_utime.tv_sec) + static_cast<double>(u.ru_utime.tv_usec) / 1e6;
}

overlay::node_id random_id(std::mt19937_64& dice) {
  overlay::node_id id;
  for (auto& o : id.octets) o = static_cast<std::uint8_t>(dice());
  return id;
}

// What this node knows when every one of `nodes` has been offered to it.
overlay::ring_view view_among(std::size_t nodes, std::mt19937_64& dice) {
  overlay::ring_view ring(random_id(dice), 32, 4, 32);
  ring.active = true;
  for (std::size_t i = 0; i < nodes; ++i) {
    const auto n = random_id(dice);
    auto& known = ring.record(n);
    known.peer = known.active = known.admitted = known.link.open = true;
    known.link.rtt = std::chrono::milliseconds(1 + dice() % 200);
    ring.enter(n);
    const auto is_near = [&](const auto& e) { return e.node == n; };
    if (!ring.leafs.contains(n) && !ring.table.contains(n) && std::ranges::none_of(ring.near.entries(), is_near)) ring.forget(n);
  }
  return ring;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t nodes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
  constexpr std::size_t keys = 1 << 16;
  constexpr std::size_t rounds = 64;
  std::mt19937_64 dice(1);
  const auto ring = view_among(nodes, dice);
  std::vector<overlay::destination> to;
  for (std::size_t i = 0; i < keys; ++i) to.push_back(overlay::destination::to_resource(random_id(dice)));
  std::size_t forwarded = 0;
  const auto began = cpu_seconds();
  for (std::size_t r = 0; r < rounds; ++r) {
    for (const auto& d : to) forwarded += ring.decide(d, false).what == overlay::verdict::forward ? 1 : 0;
  }
  const auto took = cpu_seconds() - began;
  const auto all = static_cast<double>(keys * rounds);
  std::printf(R"({"nodes":%zu,"table_entries":%zu,"decisions_per_second":%.0f,"forwarded":%.4f})", nodes, ring.table.entries().size(),
              all / took, static_cast<double>(forwarded) / all);
  std::printf("\n");
}
