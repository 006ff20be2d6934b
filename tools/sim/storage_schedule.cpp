#include "storage_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t replicas = 5;
constexpr std::size_t nodes_min = 9;              // fewer are filled up
constexpr std::size_t crashed_max = 2;            // "fewer than that majority" of five
constexpr core::duration whole_within = 2min;     // else it will not be
constexpr core::duration merged_within = 60s;     // the promise
constexpr core::duration both_serve_after = 15s;  // of a cut: by then each side knows that the other is gone
constexpr core::duration jump_max = 2h;
constexpr std::size_t breaches_max = 10;  // of one schedule

sim::ring_options ring_options_of(const schedule_options& o, std::mt19937_64& random) {
  sim::ring_options r;
  r.seed = o.seed;
  r.crypto = o.crypto;
  r.domains = {r.overlay_name};
  r.peer.replicas = replicas;
  r.peer.leaf_set = random() % 2 == 0 ? 32 : 20;  // at least 4 k
  r.joining_share = 0.2;
  r.join_limit = 2min;
  return r;
}

template <class T, std::size_t N>
T one_of(const std::array<T, N>& values, std::mt19937_64& random) {
  return values[random() % N];
}

bool holds_all(const sim::node& n) {
  const auto s = n.peer->status().storage;
  return s.synced && s.under_replicated == 0;
}

}  // namespace

storage_schedule::storage_schedule(const schedule_options& o)
    : options_(o), random_(o.seed), ring_(std::make_unique<sim::ring>(ring_options_of(o, random_))), oracle_(o.records) {}

core::duration storage_schedule::draw(core::duration low, core::duration high) {
  return core::duration(std::uniform_int_distribution<core::duration::rep>(low.count(), high.count())(random_));
}

sim::node& storage_schedule::draw_active() {
  auto at = ring_->active_nodes().begin();
  std::advance(at, static_cast<std::ptrdiff_t>(draw(0, ring_->active() - 1)));
  return *at->second;
}

void storage_schedule::happened(std::string what) {
  outcome_.events.push_back(fmt::format("{:>12}  {}", seconds_text(ring_->world().now()), what));
}

void storage_schedule::breach(const std::string& what) {
  if (what.empty() || outcome_.broken.size() >= breaches_max) return;
  outcome_.broken.push_back(what);
  happened("BROKEN: " + what);
}

schedule_outcome storage_schedule::run() {
  if (build()) {
    fill();
    working_ = true;
    work();
    for (unsigned i = 0; i < options_.phases && outcome_.broken.empty(); ++i) phase();
    calm();
    wait_until_whole();
    ring_->world().run_for(6s);  // default reads, too, are bound by all that was answered
    working_ = false;
    sweep();
  }
  outcome_.virtual_s = std::chrono::duration<double>(ring_->world().now().time_since_epoch() - 1h).count();
  ring_->stop();
  return std::move(outcome_);
}

bool storage_schedule::build() {
  outcome_.nodes = draw(std::min(nodes_min + 3, options_.nodes), options_.nodes);
  ring_->network().delay = draw(2ms, 20ms);
  if (!ring_->grow(outcome_.nodes, 10min)) {
    breach("the ring does not form");
    return false;
  }
  ring_->world().run_for(20s);
  happened(fmt::format("{} nodes, leaf sets of {}", outcome_.nodes, ring_->options().peer.leaf_set));
  return true;
}

void storage_schedule::draw_conditions() {
  auto& n = ring_->network();
  n.loss = one_of(std::array{0.0, 0.0, 0.01, 0.05, 0.2}, random_);
  n.duplicates = one_of(std::array{0.0, 0.02, 0.1}, random_);
  n.reordered = one_of(std::array{0.0, 0.05, 0.2}, random_);
  n.reordering = draw(10ms, 300ms);
  n.jitter = draw(0ms, 20ms);
  n.resets = chance() < 0.5;
  happened(fmt::format("loss {} %, duplicates {} %, {} % late by {} ms, jitter {} ms, links of the dead {}", n.loss * 100,
                       n.duplicates * 100, n.reordered * 100, n.reordering / 1ms, n.jitter / 1ms, n.resets ? "break" : "fall silent"));
}

void storage_schedule::calm() {
  auto& n = ring_->network();
  n.loss = n.duplicates = n.reordered = 0;
  happened("calm");
}

void storage_schedule::phase() {
  draw_conditions();
  switch (draw(0, 10)) {
    case 0:
    case 1:
    case 2: crash(draw(1, crashed_max)); break;
    case 3: leave_some(); break;
    case 4: join_some(); break;
    case 5:
    case 6: partition(); break;
    case 7: jump_clocks(); break;
    case 8: cut_pair(); break;
    default:
      join_some();
      crash(draw(1, crashed_max));
      if (chance() < 0.5) leave_some();
      if (chance() < 0.5) jump_clocks();
      break;
  }
  wait_until_whole();
  ring_->world().run_for(draw(5s, 30s));
  if (ring_->active() < nodes_min) join_some();
}

// One after the other, all before any repair is over.
void storage_schedule::crash(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto record = chance() < 0.5 ? next_told() : std::nullopt;
    auto& victim = record ? root_of(*record) : draw_active();
    happened(fmt::format("node {} crashes{}", victim.index, record ? fmt::format(", root of record {}", *record) : ""));
    ring_->kill(victim);
    ++outcome_.crashes;
    if (record) look_again(*record);
    if (chance() < 0.6) restart_later(victim);
    ring_->world().run_for(chance() < 0.5 ? core::duration(0) : draw(0s, 4s));
  }
}

// Waits for the very moment at which somebody is told what a record holds, or that it has been written; often that is its root itself,
// which has told nobody else by then.
std::optional<std::size_t> storage_schedule::next_told() {
  told_.reset();
  awaited_ = chance() < 0.5 ? awaited::any : awaited::root;
  ring_->world().run_until([this] { return told_.has_value(); }, 5s);
  awaited_ = awaited::none;
  return told_;
}

// What was told at that moment has to stand; the others find out soon, or a little later, that the root is gone.
void storage_schedule::look_again(std::size_t record) {
  auto& world = ring_->world();
  for (const core::duration after :
       {core::duration(5ms), core::duration(300ms), core::duration(1s), core::duration(3s), core::duration(6s)})
    world.at(world.now() + after, [this, record] { ring_->world().spawn(read(draw_active(), record, true)); });
}

void storage_schedule::restart_later(sim::node& n) {
  const auto after = chance() < 0.3 ? draw(100ms, 2s) : draw(2s, 30s);
  ++restarting_;
  ring_->world().at(ring_->world().now() + after, [this, &n] {
    happened(fmt::format("node {} starts again", n.index));
    ring_->start(n, [this](sim::node& joined, const core::status& s) {
      --restarting_;
      if (!s) happened(fmt::format("node {} does not come back: {}", joined.index, s.error().message()));
    });
  });
}

void storage_schedule::leave_some() {
  const auto count = std::min(draw(1, 3), ring_->active() - std::min(ring_->active(), nodes_min));
  for (std::size_t i = 0; i < count; ++i) {
    auto& n = draw_active();
    happened(fmt::format("node {} leaves", n.index));
    ring_->leave(n);
    ++outcome_.leaves;
    ring_->world().run_for(chance() < 0.5 ? core::duration(0) : draw(0s, 12s));
  }
}

void storage_schedule::join_some() {
  const auto count = draw(1, 4);
  for (std::size_t i = 0; i < count; ++i) {
    auto& n = ring_->add();
    happened(fmt::format("node {} joins", n.index));
    ++restarting_;
    ++outcome_.joins;
    ring_->start(n, [this](sim::node& joined, const core::status& s) {
      --restarting_;
      if (!s) happened(fmt::format("node {} does not join: {}", joined.index, s.error().message()));
    });
    ring_->world().run_for(chance() < 0.7 ? core::duration(0) : draw(0s, 3s));
  }
}

void storage_schedule::jump_clocks() {
  const auto count = draw(1, ring_->active() / 2);
  for (std::size_t i = 0; i < count; ++i) {
    auto& n = draw_active();
    const auto skew = draw(-jump_max, core::duration(jump_max));
    n.host->env().set_skew(skew);
    happened(fmt::format("node {}'s clock is {} s off", n.index, std::chrono::duration_cast<std::chrono::seconds>(skew).count()));
  }
}

void storage_schedule::partition() {
  wait_until_whole();  // who is still joining would look for a way through the other side
  auto& network = ring_->network();
  std::vector<sim::node*> nodes;
  for (const auto& [id, n] : ring_->active_nodes()) nodes.push_back(n);
  if (chance() < 0.5) std::ranges::shuffle(nodes, random_);  // else one side is an arc of the ring
  const auto apart = draw(2, nodes.size() / 2);
  for (std::size_t i = 0; i < apart; ++i) network.side[nodes[i]->index] = small_side_;
  happened(fmt::format("{} of {} nodes are cut off", apart, nodes.size()));
  oracle_.opened(ring_->world().now());
  ++outcome_.partitions;
  both_serve_from_ = ring_->world().now() + both_serve_after;
  ring_->world().run_for(draw(20s, 90s));
  if (chance() < 0.3) {
    auto& victim = *nodes[draw(apart, nodes.size() - 1)];
    if (victim.active && nodes.size() - apart >= nodes_min) {
      happened(fmt::format("node {} crashes", victim.index));
      ring_->kill(victim);
      ++outcome_.crashes;
      if (chance() < 0.5) restart_later(victim);
      ring_->world().run_for(draw(5s, 60s));
    }
  }
  both_serve_from_.reset();
  network.side.clear();
  oracle_.healed(ring_->world().now());
  happened("healed");
  ring_->world().run_for(merged_within);
  const auto rest = ring_->incomplete();
  if (!rest.empty()) happened(fmt::format("{} leaf sets or more are not whole 60 s after healing", rest.size()));
  sweep();
}

// Neighbours more often than not: one of them is root of names of which the other is a replica.
void storage_schedule::cut_pair() {
  wait_until_whole();
  auto& network = ring_->network();
  const auto& all = ring_->active_nodes();
  const auto& a = draw_active();
  auto next = chance() < 0.7 ? all.upper_bound(a.id()) : all.find(draw_active().id());
  if (next == all.end()) next = all.begin();
  const auto& b = *next->second;
  if (&a == &b) return;
  network.cut.insert({a.index, b.index});
  happened(fmt::format("nodes {} and {} do not reach each other", a.index, b.index));
  ring_->world().run_for(draw(10s, 60s));
  if (chance() < 0.3) crash(1);
  ring_->world().run_for(draw(5s, 30s));
  network.cut.clear();
  happened("they reach each other again");
}

bool storage_schedule::whole() {
  if (restarting_ > 0 || !ring_->incomplete(1).empty()) return false;
  return std::ranges::all_of(ring_->active_nodes(), [](const auto& e) { return holds_all(*e.second); });
}

// What keeps it from being whole.
std::string storage_schedule::lacking() {
  auto out = fmt::format("{} on their way in, {} leaf sets wrong", restarting_, ring_->incomplete().size());
  for (const auto& [id, n] : ring_->active_nodes()) {
    const auto s = n->peer->status().storage;
    if (!holds_all(*n)) out += fmt::format("; node {} {}synced, {} under-replicated", n->index, s.synced ? "" : "not ", s.under_replicated);
  }
  return out;
}

void storage_schedule::wait_until_whole() {
  auto& world = ring_->world();
  const auto began = world.now();
  world.run_for(3s);  // until then a node that has died is only a suspect, and nobody has anything to repair
  while (!whole()) {  // ends whole, or too late
    if (world.now() > began + whole_within) {
      return breach(fmt::format("not whole again {} s after the last fault: {}", whole_within / 1s, lacking()));
    }
    world.run_for(500ms);
  }
  outcome_.repairs_s.push_back(std::chrono::duration<double>(world.now() - began).count());
}

}  // namespace phyllo::simulate
