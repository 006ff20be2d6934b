// Of the plug-in: clocks, and nodes that live but do not hear (specification of the Pastry plug-in, clocks; deaf members).
#include <algorithm>

#include "pastry/pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr unsigned unanswered_max = 2;            // probes, one after the other: six seconds and more
constexpr core::duration deaf_asked_every = 10s;  // one that was given up, when it says something
constexpr core::duration rejoin_pause = 2s;
constexpr core::duration rejoin_attempt = 30s;

}  // namespace

// What was dropped may still say what its sender's clock shows: it came on the sender's own link, which TLS made with this certificate.
void pastry::on_unjudged(const node_id& n, const message_contents& m) {
  if (client_ || !ring_.record(n).peer) return;
  clock_.unjudged(n);
  if (m.code == code::route_query_req) {
    const auto q = route_query_request::read(m.body);
    if (q && q->type == query_type::probe) note_clock(n, q->state);
  } else if (m.code == code::route_query_req + 1) {
    const auto a = route_query_answer::read(m.body);
    if (a && a->type == query_type::probe) note_clock(n, a->state);
  }
  upkeep_.look_at(env_.now() + 1s);
  up_.on_agenda_changed();
}

void pastry::note_clock(const node_id& n, const leaf_set_state& s) {
  auto& r = ring_.record(n);
  if (r.peer) r.clock_off = clock_.told(n, s.clock_ms, r.clock_off);  // clients come with any clock
}

// While others can not be judged this node is no member: it would be asked, and never answer.
void pastry::watch_clock(core::time_point now) {
  if (!clock_.troubled()) return;
  for (const auto& n : links_.peers()) {
    if (ring_.record(n).peer) reconcile(n);  // what does its clock show?
  }
  upkeep_.look_at(now + 1s);
  if (!ring_.active || !blind()) return;
  log_.error("{}, and can not judge what they say: it leaves the ring until the clocks agree", clock_.text());
  // What is open says that this node is active; no answer to it would be believed, and it would be sent again after the farewell.
  for (const auto& n : links_.peers()) messenger_.give_up(n);
  say_leave();
  state_ = peer_state::joining;
  scope_.spawn(rejoin());
}

bool pastry::blind() {
  const auto peers = links_.peers();
  const auto linked = std::ranges::count_if(peers, [this](const node_id& n) { return ring_.record(n).peer; });
  return clock_.blind(static_cast<std::size_t>(linked));
}

core::awaitable<void> pastry::rejoin() {
  const auto given = bootstrap_;
  while (state_ == peer_state::joining) {  // ends active, or stopped
    co_await core::sleep_for(env_, rejoin_pause);
    if (blind()) continue;
    auto through = given;
    for (const auto& p : lost_.all()) through.insert(through.end(), p.begin(), p.end());
    const auto joined = co_await join(std::move(through), env_.now() + rejoin_attempt);
    bootstrap_ = given;
    if (!joined) log_.info("not back in the ring: {}", joined.error().message());
  }
}

// A request that went by the link of its destination came to nothing. One that is busy answers a probe.
void pastry::on_unanswered(const node_id& n) {
  const auto* r = ring_.find(n);
  if (client_ || !ring_.active || r == nullptr || !r->usable()) return;
  if (ring_.leafs.contains(n)) reconcile(n);
}

// Alive is who answers. A node that acknowledges and talks, and never answers, can not hear: for those who need it, it is not there.
void pastry::note_answer(const node_id& n, bool answered) {
  auto& r = ring_.record(n);
  if (answered) {
    r.unanswered = 0;
    r.deaf = false;
    return;
  }
  if (!ring_.active || !r.usable() || !ring_.leafs.contains(n)) return;
  if (++r.unanswered < unanswered_max) return reconcile(n);
  log_.warning("{} acknowledges what it is sent, and answers nothing", n.hex());
  metrics_.drop("deaf_members");
  r.deaf = true;
  r.vouched = env_.now();
  fail(n, suspicion::silent);
}

// It has been given up, and says something: does it hear now?
void pastry::ask_deaf(const node_id& n) {
  auto& r = ring_.record(n);
  if (!r.deaf || !r.linked || env_.now() - r.vouched < deaf_asked_every) return;
  r.vouched = env_.now();
  reconcile(n);
}

}  // namespace phyllo::overlay
