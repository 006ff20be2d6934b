// Of the churn experiment: its course, and its figures.
#include "churn_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "progress.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;
constexpr core::duration settling = 10min;  // between the ring's growth and the first look-up that counts
constexpr core::duration quiet = 5min;      // without churn, at the end: then leaf sets are symmetric
constexpr std::size_t windows = 60;

sim::ring_options ring_of(const churn_conditions& c, std::uint64_t seed, sim::crypto crypto) {
  sim::ring_options o;
  o.seed = seed;
  o.crypto = crypto;
  o.peer.storage = false;
  o.peer.end_to_end_sends = c.sends;
  return o;
}

std::unique_ptr<sim::topology> topology_of(const std::string& name, std::uint64_t seed) {
  if (name == "plane") return sim::make_plane(seed);
  if (name == "transit-stub") return sim::make_transit_stub(seed);
  return sim::make_flat(5ms);
}

}  // namespace

churn_run::churn_run(const churn_conditions& c, std::uint64_t seed, sim::crypto crypto, bool check)
    : c_(c), check_(check), ring_(ring_of(c, seed, crypto)) {
  auto& net = ring_.network();
  net.topology = topology_of(c.topology, seed);
  net.resets = c.resets;
  net.tap = [this](unsigned from, unsigned, core::bytes& m) { sent(from, m); };
}

void churn_run::integrate() {
  if (!measuring_) return;
  const auto nodes = static_cast<double>(ring_.active()) * seconds(now() - counted_);
  counted_ = now();
  out_.node_seconds += nodes;
  window_nodes_ += nodes;
}

void churn_run::close_window() {
  integrate();
  if (window_nodes_ <= 0) return;
  churn_window w;
  w.hours = at_second() / 3600;
  w.lookups = out_.lookups - window_lookups_;
  w.lost = out_.lost - window_lost_;
  w.wrong = out_.wrong - window_wrong_;
  w.messages = static_cast<double>(counts_.maintenance() - window_messages_) / window_nodes_;
  w.active = window_nodes_ / seconds(now() - window_began_);
  w.stretch = window_answered_ > 0 ? window_stretch_ / window_answered_ : 0;
  out_.stretch += window_stretch_;
  out_.windows.push_back(w);
  window_lookups_ = out_.lookups, window_lost_ = out_.lost, window_wrong_ = out_.wrong;
  window_messages_ = counts_.maintenance();
  window_nodes_ = window_stretch_ = window_answered_ = 0;
  window_began_ = now();
}

churn_outcome churn_run::run() {
  const auto wall = std::chrono::steady_clock::now();
  grow();
  ring_.network().loss = c_.loss;
  begin_churn();
  ring_.world().run_for(c_.trace.empty() ? settling : core::duration{});
  measuring_ = true;
  began_ = counted_ = window_began_ = now();
  for (const auto& p : c_.partitions) split(p);
  out_ = {};
  counts_.reset();
  const auto span = static_cast<double>(c_.lookups) / (c_.rate * static_cast<double>(c_.nodes));
  const auto window = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(span / windows));
  {
    progress bar(c_.name);
    next_lookup();
    while (begun_ < c_.lookups && (c_.trace.empty() || now() - began_ < c_.trace.back().at)) {  // ends with the look-ups, or the trace
      ring_.world().run_for(window);
      close_window();
      bar.at(static_cast<double>(begun_), static_cast<double>(c_.lookups));
    }
  }
  begun_ = c_.lookups;
  measuring_ = false;
  auto out = summary();
  ring_.world().run_for(lookup_limit);
  churning_ = false;
  ring_.world().run_for(quiet);
  out.lookups = out_.lookups, out.lost = out_.lost, out.undelivered = out_.undelivered, out.wrong = out_.wrong;
  out.abandoned = out_.abandoned, out.deliveries = out_.deliveries, out.late = out_.late;
  out.merging_roots = out_.merging_roots, out.merging_wrong = out_.merging_wrong;
  out.broken = out_.broken;
  for (const auto* n : ring_.incomplete(3)) out.broken.push_back("without churn for 5 min, and an incomplete leaf set: " + n->id().hex());
  out.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  ring_.stop();  // what its nodes wait for would outlive them
  return out;
}

churn_outcome churn_run::summary() {
  auto out = out_;
  const auto all = static_cast<double>(std::max<std::uint64_t>(answered_, 1));
  double remote = 0;
  for (const auto& w : out.windows) remote += w.stretch > 0 ? 1 : 0;
  double stretch = 0;
  for (const auto& w : out.windows) stretch += w.stretch;
  out.stretch = remote > 0 ? stretch / remote : 0;
  out.hops /= all;
  out.delay_ms /= all;
  out.join_seconds /= static_cast<double>(std::max<std::uint64_t>(out.joins, 1));
  out.active = out.node_seconds / seconds(now() - began_);
  for (const auto& [name, n] : counts_.by_name()) out.messages[name] = static_cast<double>(n) / out.node_seconds;
  out.lookup_messages = static_cast<double>(counts_.lookups()) / out.node_seconds;
  out.virtual_hours = at_second() / 3600;
  return out;
}

double churn_outcome::maintenance() const {
  double sum = 0;
  for (const auto& [name, n] : messages) sum += n;
  return sum;
}

churn_outcome run_churn(const churn_conditions& c, std::uint64_t seed, sim::crypto crypto, bool check) {
  return churn_run(c, seed, crypto, check).run();
}

}  // namespace phyllo::simulate
