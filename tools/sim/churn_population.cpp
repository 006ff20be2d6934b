// Of the churn experiment: the ring, and nodes that come and go.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "churn_run.hpp"
#include "progress.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t dead_pool = 8;  // times the live nodes: then the one longest dead comes back, with its Node-ID

}  // namespace

// What malicious nodes should forward arrives as nothing: its link has acknowledged it, and nobody hears of the loss.
void churn_run::sent(unsigned from, core::bytes& message) {
  const bool forwarded = counts_.note(message);
  if (forwarded && from < hosts_.size() && hosts_[from].malicious) message.clear();
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
  hosts_.resize(std::max<std::size_t>(hosts_.size(), n.index + 1));
  auto& at = hosts_[n.index];
  at.run = this;
  at.node = &n;
  if (c_.malicious > 0) at.malicious = ring_.world().chance() < c_.malicious;
  if (c_.skew > 0s) n.host->env().set_skew(std::chrono::duration_cast<core::duration>(c_.skew * (2 * ring_.world().chance() - 1)));
  n.peer->observe(at);
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
  const auto session = ++hosts_[n.index].session;
  ring_.world().at(now() + exponential(seconds(c_.session)), [this, &n, session] {
    if (churning_ && hosts_[n.index].session == session) depart(n, ring_.world().chance() < c_.leaving);
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
  w.at(began_ + p.at + p.lasts, [this] {
    ring_.network().side.clear();
    merged_by_ = now() + merging_limit;
  });
}

}  // namespace phyllo::simulate
