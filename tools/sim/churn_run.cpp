// Of the churn experiment: one run, its oracle, and its invariants.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <random>
#include <stdexcept>
#include <unordered_map>

#include "churn.hpp"
#include "message_counts.hpp"
#include "phyllo/sim/ring.hpp"
#include "progress.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

constexpr core::duration lookup_limit = 10s;
constexpr core::duration settling = 10min;  // between the ring's growth and the first look-up that counts
constexpr core::duration quiet = 5min;      // without churn, at the end: then leaf sets are symmetric
constexpr core::duration late_after = 1s;   // the end-to-end timer
constexpr std::size_t windows = 60;
constexpr std::size_t broken_max = 10;
constexpr std::size_t claimants = 6;  // of the nodes nearest to a key, how many are asked whether they hold themselves for its root
constexpr std::size_t dead_pool = 8;  // times the live nodes: then the one longest dead comes back, with its Node-ID

double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

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

class churn_run {
 public:
  churn_run(const churn_conditions& c, std::uint64_t seed, sim::crypto crypto, bool check)
      : c_(c), check_(check), ring_(ring_of(c, seed, crypto)) {
    auto& net = ring_.network();
    net.topology = topology_of(c.topology, seed);
    net.resets = c.resets;
    net.tap = [this](unsigned from, unsigned, core::bytes& m) { sent(from, m); };
  }

  churn_outcome run();

 private:
  struct lookup {
    core::time_point began;
    unsigned from = 0;
    core::time_point delivered{};
  };

  void sent(unsigned from, core::bytes& message);
  void grow();
  void begin_churn();
  void arrive();
  void start(sim::node& n);
  void expect_departure(sim::node& n);
  void depart(sim::node& n, bool says_so);
  void play(std::size_t next);
  void split(const partition& p);
  void next_arrival();
  void next_lookup();
  core::awaitable<void> look_up(sim::node& from, identity::node_id key);
  void ended(const lookup& l, const identity::node_id& key, const core::result<overlay::ping_outcome>& a);
  void delivered(sim::node& at, const identity::node_id& key);
  void check_claims(const identity::node_id& key);
  void broke(std::string what);
  void close_window();
  void integrate();
  churn_outcome summary();

  [[nodiscard]] core::time_point now() { return ring_.world().now(); }
  [[nodiscard]] core::duration exponential(double mean) {
    const auto drawn = std::exponential_distribution<double>(1 / mean)(ring_.world().random());
    return std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(drawn));
  }
  [[nodiscard]] core::duration round_trip(const sim::node& a, const sim::node& b) {
    return 2 * (ring_.network().distance(a.index, b.index) + ring_.network().jitter);
  }
  [[nodiscard]] double at_second() { return seconds(now() - began_); }

  const churn_conditions& c_;
  bool check_;
  sim::ring ring_;
  message_counts counts_;
  std::vector<bool> malicious_;         // by host
  std::vector<std::uint32_t> session_;  // by host: a departure that was meant for an earlier one does nothing
  std::deque<sim::node*> dead_;         // longest first
  std::unordered_map<std::uint64_t, sim::node*> traced_;
  std::unordered_map<identity::node_id, lookup> open_;
  bool churning_ = false, measuring_ = false;
  std::uint64_t begun_ = 0, answered_ = 0;
  core::time_point began_{}, counted_{}, window_began_{};
  churn_outcome out_;
  double window_nodes_ = 0, window_stretch_ = 0, window_answered_ = 0;
  std::uint64_t window_messages_ = 0, window_lookups_ = 0, window_lost_ = 0, window_wrong_ = 0;
};

// What malicious nodes should forward arrives as nothing: its link has acknowledged it, and nobody hears of the loss.
void churn_run::sent(unsigned from, core::bytes& message) {
  const bool forwarded = counts_.note(message);
  if (forwarded && from < malicious_.size() && malicious_[from]) message.clear();
}

void churn_run::grow() {
  progress bar(c_.name + ": joining");
  auto count = c_.nodes;
  if (!c_.trace.empty()) {
    count = static_cast<std::size_t>(std::ranges::count_if(c_.trace, [](const auto& e) { return e.at <= 0s; }));
  }
  const auto wanted = std::max<std::size_t>(count, 1);
  if (!ring_.grow(wanted, 48h, [&](std::size_t n) { bar.at(static_cast<double>(n), static_cast<double>(wanted)); })) {
    throw std::runtime_error(fmt::format("only {} of {} nodes have joined in 48 simulated hours", ring_.active(), wanted));
  }
  std::uint64_t traced = 0;
  for (const auto& [id, n] : ring_.active_nodes()) {
    if (traced < c_.trace.size()) traced_[c_.trace[traced++].node] = n;
    start(*n);
  }
}

// Of a node whose peer is there: what the run wants of it.
void churn_run::start(sim::node& n) {
  session_.resize(std::max<std::size_t>(session_.size(), n.index + 1));
  malicious_.resize(session_.size());
  if (c_.malicious > 0) malicious_[n.index] = ring_.world().chance() < c_.malicious;
  if (c_.skew > 0s) n.host->env().set_skew(std::chrono::duration_cast<core::duration>(c_.skew * (2 * ring_.world().chance() - 1)));
  n.peer->observe_deliveries([this, &n](const overlay::resource_id& key) { delivered(n, key); });
}

void churn_run::begin_churn() {
  churning_ = true;
  began_ = now();
  if (!c_.trace.empty()) return play(0);
  for (const auto& [id, n] : ring_.active_nodes()) expect_departure(*n);
  next_arrival();
}

void churn_run::next_arrival() {
  const auto gap = exponential(seconds(c_.session) / static_cast<double>(c_.nodes));
  ring_.world().at(now() + gap, [this] {
    if (!churning_) return;
    arrive();
    next_arrival();
  });
}

void churn_run::arrive() {
  sim::node* n = nullptr;
  if (dead_.size() > dead_pool * c_.nodes) {
    n = dead_.front();
    dead_.pop_front();
  } else {
    n = &ring_.add();
  }
  const auto began = now();
  ring_.start(*n, [this, began](sim::node& joined, const core::status& s) {
    integrate();
    if (!joined.peer) return;  // killed on its way
    ++(s ? out_.joins : out_.joins_failed);
    if (s) out_.join_seconds += seconds(now() - began);
    if (check_) check_claims(joined.id());
  });
  start(*n);
  if (c_.trace.empty()) expect_departure(*n);
}

void churn_run::expect_departure(sim::node& n) {
  const auto session = ++session_[n.index];
  ring_.world().at(now() + exponential(seconds(c_.session)), [this, &n, session] {
    if (churning_ && session_[n.index] == session) depart(n, ring_.world().chance() < c_.leaving);
  });
}

void churn_run::depart(sim::node& n, bool says_so) {
  if (!n.peer || ring_.active() < 2) return;
  integrate();
  ++out_.departures;
  if (says_so && n.active) {
    ring_.leave(n);
  } else {
    ring_.kill(n);
    dead_.push_back(&n);
  }
  if (check_) check_claims(n.id());
}

// One event of the trace after the other; those at its beginning are the ring that has grown.
void churn_run::play(std::size_t next) {
  while (next < c_.trace.size() && c_.trace[next].at <= 0s) ++next;  // ends with the trace
  if (next == c_.trace.size()) return;
  ring_.world().at(began_ + c_.trace[next].at, [this, next] {
    if (!churning_) return;
    const auto& e = c_.trace[next];
    auto*& n = traced_[e.node];
    if (e.what == churn_event::kind::join && n == nullptr) {
      n = &ring_.add();
    }
    if (e.what != churn_event::kind::join && n != nullptr) depart(*n, e.what == churn_event::kind::leave);
    if (e.what == churn_event::kind::join && !n->peer) {
      ring_.start(*n, [this](sim::node& joined, const core::status& s) {
        integrate();
        if (joined.peer) ++(s ? out_.joins : out_.joins_failed);
      });
      start(*n);
    }
    play(next + 1);
  });
}

void churn_run::split(const partition& p) {
  auto& w = ring_.world();
  w.at(began_ + p.at, [this, p] {
    for (unsigned i = 0; i < ring_.network().size(); ++i) ring_.network().side[i] = ring_.world().chance() < p.share ? 1 : 0;
  });
  w.at(began_ + p.at + p.lasts, [this] { ring_.network().side.clear(); });
}

void churn_run::next_lookup() {
  const auto gap = exponential(1 / (c_.rate * static_cast<double>(std::max<std::size_t>(ring_.active(), 1))));
  ring_.world().at(now() + gap, [this] {
    if (begun_ >= c_.lookups) return;
    ++begun_;
    auto& from = ring_.random_active();
    const auto key = ring_.random_id();
    if (check_) check_claims(key);
    ring_.world().spawn(look_up(from, key));
    next_lookup();
  });
}

core::awaitable<void> churn_run::look_up(sim::node& from, identity::node_id key) {
  open_[key] = {now(), from.index, {}};
  const auto session = session_[from.index];
  const auto answered = co_await from.peer->ping_root(key, lookup_limit);
  const auto l = open_.extract(key).mapped();
  const bool alive = from.peer && from.active && session_[from.index] == session;
  if (alive || answered) {
    ended(l, key, answered);
  } else {
    ++out_.abandoned;
  }
}

void churn_run::ended(const lookup& l, const identity::node_id& key, const core::result<overlay::ping_outcome>& a) {
  ++out_.lookups;
  if (!a) {
    ++out_.lost;
    if (l.delivered == core::time_point{}) ++out_.undelivered;
    const auto& root = ring_.root(key);
    return broke(fmt::format("lost at {:.3f} s: key {} from {}, {}; its root {} is active for {:.3f} s", at_second(), key.hex(),
                             ring_.at(l.from).id().hex(), l.delivered == core::time_point{} ? "never delivered" : "delivered",
                             root.id().hex(), seconds(now() - root.active_since)));
  }
  ++answered_;
  const auto took = now() - l.began;
  if (took >= late_after) ++out_.late;
  out_.hops += a->hops;
  out_.delay_ms += 1000 * seconds(took);
  const auto* to = ring_.find(a->responder);
  if (to == nullptr || to->index == l.from || l.delivered == core::time_point{}) return;
  const auto direct = ring_.network().distance(l.from, to->index);
  const auto stretch = seconds(l.delivered - l.began) / seconds(direct);
  window_stretch_ += stretch;
  window_answered_ += 1;
}

// Wrong, if a nearer node has been active for a round trip between it and the one that has taken the key.
void churn_run::delivered(sim::node& at, const identity::node_id& key) {
  const auto l = open_.find(key);
  if (l == open_.end() || !at.active) return;
  ++out_.deliveries;
  if (l->second.delivered == core::time_point{}) l->second.delivered = now();
  for (const auto* n : ring_.nearest(key, claimants)) {
    if (n == &at) return;
    if (!ring_.network().reach(n->index, at.index) || now() - n->active_since <= round_trip(*n, at)) continue;
    ++out_.wrong;
    return broke(fmt::format("wrong at {:.3f} s: key {} delivered by {} (active for {:.3f} s), {} is nearer and active for {:.3f} s",
                             at_second(), key.hex(), at.id().hex(), seconds(now() - at.active_since), n->id().hex(),
                             seconds(now() - n->active_since)));
  }
}

// Invariant: of all that reach each other, and are active for a round trip, one at most holds itself for the key's root.
void churn_run::check_claims(const identity::node_id& key) {
  const sim::node* first = nullptr;
  for (const auto* n : ring_.nearest(key, claimants)) {
    if (!n->peer->claims(key)) continue;
    if (first == nullptr) {
      first = n;
      continue;
    }
    const auto since = std::max(n->active_since, first->active_since);
    if (!ring_.network().reach(n->index, first->index) || now() - since <= round_trip(*n, *first)) continue;
    return broke(
        fmt::format("two roots at {:.3f} s: {} and {} both take key {}", at_second(), first->id().hex(), n->id().hex(), key.hex()));
  }
}

void churn_run::broke(std::string what) {
  if (out_.broken.size() < broken_max) out_.broken.push_back(std::move(what));
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
  for (const auto& p : c_.partitions) split(p);
  measuring_ = true;
  began_ = counted_ = window_began_ = now();
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
  out.broken = out_.broken;
  for (const auto* n : ring_.incomplete(3)) out.broken.push_back("without churn for 5 min, and an incomplete leaf set: " + n->id().hex());
  out.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
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

}  // namespace

double churn_outcome::maintenance() const {
  double sum = 0;
  for (const auto& [name, n] : messages) sum += n;
  return sum;
}

churn_outcome run_churn(const churn_conditions& c, std::uint64_t seed, sim::crypto crypto, bool check) {
  return churn_run(c, seed, crypto, check).run();
}

}  // namespace phyllo::simulate
