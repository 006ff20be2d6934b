// Rings as Pastry's paper has them, and messages through them.
#include <fmt/format.h>

#include <fstream>

#include "paper.hpp"
#include "progress.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;
constexpr auto spacing = 200us;  // between two messages

core::awaitable<void> send_one(sim::ring& ring, sim::node& from, identity::node_id key, ways_outcome& out,
                               const std::function<void(const way&)>& tell) {
  const auto answered = co_await from.peer->ping_root(key, 10s);
  if (!answered) co_return;
  if (answered->responder != ring.root(key).id()) {
    ++out.astray;
    co_return;
  }
  ++out.arrived;
  way w;
  w.key = key;
  for (const auto& id : answered->path) w.nodes.push_back(ring.find(id));
  tell(w);
}

}  // namespace

sim::ring_options as_in_the_paper(const settings& s) {
  sim::ring_options o;
  o.seed = s.seed;
  o.crypto = s.crypto;
  o.peer.leaf_set = 16;
  o.peer.neighborhood = 32;
  o.peer.digit_bits = 4;
  o.peer.storage = false;
  o.bootstrap_choice = 256;  // "a nearby Pastry node"
  return o;
}

std::unique_ptr<sim::ring, stop_and_delete> grow_on_plane(const sim::ring_options& o, std::size_t nodes) {
  std::unique_ptr<sim::ring, stop_and_delete> ring(new sim::ring(o));
  ring->network().topology = sim::make_plane(o.seed);
  progress bar(fmt::format("{} nodes join", nodes));
  ring->grow(nodes, 24h, [&](std::size_t n) { bar.at(static_cast<double>(n), static_cast<double>(nodes)); });
  ring->world().run_for(30s);
  return ring;
}

ways_outcome send_many(sim::ring& ring, std::size_t count, const std::function<identity::node_id()>& key,
                       const std::function<void(const way&)>& tell) {
  ways_outcome out;
  progress bar("messages");
  for (; out.sent < count; ++out.sent) {
    ring.world().spawn(send_one(ring, ring.random_active(), key(), out, tell));
    ring.world().run_for(spacing);
    bar.at(static_cast<double>(out.sent), static_cast<double>(count));
  }
  ring.world().run_for(11s);
  return out;
}

std::map<std::string, std::uint64_t> messages_by_code(sim::ring& ring) {
  std::map<std::string, std::uint64_t> out;
  for (const auto* name : {"attach_req", "attach_ans", "join_req", "join_ans", "update_req", "update_ans", "route_query_req",
                           "route_query_ans", "ping_req", "ping_ans", "error"}) {
    out[name] = ring.metrics().get_counter("phyllo_reload_messages_total", "RELOAD messages received, by code.", {{"code", name}}).value();
  }
  return out;
}

double counted(sim::ring& ring, const std::string& name) { return static_cast<double>(ring.metrics().get_counter(name, "").value()); }

double memory_bytes() {
  std::ifstream in("/proc/self/statm");
  double total = 0, resident = 0;
  in >> total >> resident;
  return resident * 4096;
}

}  // namespace phyllo::simulate
