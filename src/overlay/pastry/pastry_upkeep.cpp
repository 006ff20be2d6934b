#include "pastry/pastry_upkeep.hpp"

#include "pastry/jittered.hpp"
#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
using job = upkeep_schedule::job;
constexpr core::duration look_every = 1s;
constexpr core::duration rows_every = 20min;
constexpr core::duration first_comparison = 2s;  // of rows after joining; the next is twice as far off each time
constexpr unsigned comparisons_max = 5;
constexpr core::duration compare_every = 2min;
constexpr core::duration table_every = 15s;
constexpr core::duration links_every = 30s;
constexpr core::duration forget_every = 60s;
constexpr core::duration forget_after = 10min;
constexpr core::duration detection = 3s;  // of a failure, once a message is overdue
constexpr core::duration ping_timeout = 5s;

}  // namespace

void pastry_upkeep::begin() {
  const auto now = parts_.env.now();
  auto& s = parts_.schedule;
  s.looked();
  s.look_at(now + look_every);
  parts_.seeker.plan(now);
  s.plan(job::rows, jittered(parts_.env, now, first_comparison));
  s.plan(job::compare, jittered(parts_.env, now, compare_every));
  s.plan(job::table, jittered(parts_.env, now, table_every));
  s.plan(job::links, jittered(parts_.env, now, links_every));
  s.plan(job::forget, jittered(parts_.env, now, forget_every));
  parts_.failures.machine().begin(now);
  parts_.admission.begin(now);
}

void pastry_upkeep::run_due(core::time_point now) {
  if (now < next_due()) return;
  auto& s = parts_.schedule;
  parts_.requests.expire_grants(now);
  s.looked();
  if (parts_.clocks.watch(now)) parts_.joiner.step_out();
  if (s.due(job::links, now)) {
    s.plan(job::links, now + links_every);
    parts_.open_links.close_unused();
  }
  if (s.due(job::forget, now)) {
    s.plan(job::forget, now + forget_every);
    forget_old(now);
  }
  if (parts_.admission.any_holds()) s.look_at(now + look_every);
  if (parts_.ring.active) tend_ring(now);
}

void pastry_upkeep::tend_ring(core::time_point now) {
  watch_neighbours(now);
  if (parts_.schedule.due(job::table, now)) {
    parts_.schedule.plan(job::table, now + table_every);
    probe_table(now);
    parts_.table.repair_rows();
    parts_.failures.repair().ask_edges();
  }
  if (parts_.schedule.due(job::rows, now)) tend_rows(now);
  parts_.seeker.run_due(now);
}

void pastry_upkeep::tend_rows(core::time_point now) {
  if (comparisons_ == comparisons_max) {
    parts_.table.exchange_rows();
    parts_.schedule.plan(job::rows, now + rows_every);
    return;
  }
  parts_.table.compare_rows();
  const bool last = ++comparisons_ == comparisons_max;
  parts_.schedule.plan(job::rows, last ? jittered(parts_.env, now, rows_every) : now + first_comparison * (1 << comparisons_));
}

void pastry_upkeep::watch_neighbours(core::time_point now) {
  const auto found = watch_.look(now, parts_.schedule.at(job::compare));
  if (found.ask && !parts_.probes.open(*found.ask)) {
    parts_.probes.send(*found.ask);
    parts_.schedule.plan(job::compare, jittered(parts_.env, now, compare_every));
  }
  if (found.suspect) parts_.failures.suspect(*found.suspect, suspicion::silent);
  parts_.schedule.look_at(found.look_again);
}

// Entries of R that nothing was heard of for Trt. Members of L are watched by their neighbours.
void pastry_upkeep::probe_table(core::time_point now) {
  auto& ring = parts_.ring;
  const probe_tuning tuning{.ring_size = ring.leafs.ring_size_estimate(),
                            .failure_rate = parts_.failures.machine().rate(now),
                            .digit_bits = digit_bits_,
                            .leaf_set_period = watch_.silence_max(),
                            .detection = detection};
  const auto period = table_probe_period(tuning);
  for (const auto& [slot, e] : ring.table.entries()) {
    if (now - ring.record(e.node).link.heard < period || ring.leafs.contains(e.node) || !ring.usable(e.node)) continue;
    message_contents m;
    m.code = code::ping_req;
    m.body = encode_ping_request();
    parts_.messages.requests().ask({destination::to_node(e.node)}, std::move(m), now + ping_timeout, {.link_only = true, .sends_max = 1},
                                   {});
  }
}

void pastry_upkeep::forget_old(core::time_point now) {
  parts_.messages.answers().forget(now);
  parts_.failed.forget_old(now);
  parts_.failures.machine().forget_old(now);
  std::vector<node_id> old;
  for (const auto& [n, r] : parts_.ring.records()) {
    const bool wanted = r.link.open || r.doubt.suspect || parts_.ring.leafs.contains(n) || parts_.failed.lost().contains(n);
    if (!wanted && now - r.link.heard >= forget_after) old.push_back(n);
  }
  for (const auto& n : old) parts_.ring.forget(n);
}

}  // namespace phyllo::overlay
