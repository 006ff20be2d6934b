#include "host/link_mover.hpp"

#include <algorithm>
#include <iterator>

#include "link/move_exchange.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration dial_time = std::chrono::seconds(5);
constexpr core::duration news_spread = std::chrono::seconds(1);
constexpr core::duration exchange_time = std::chrono::seconds(3);

// Those that `wanted` takes, the first of them at once.
std::vector<ladder_step> steps_that(const std::vector<ladder_step>& all, const std::function<bool(rung)>& wanted) {
  std::vector<ladder_step> out;
  std::ranges::copy_if(all, std::back_inserter(out), [&](const ladder_step& s) { return wanted(s.by); });
  for (auto& s : out) s.after = stagger * (&s - out.data());
  return out;
}

// Whoever falls together shall not climb together.
core::duration jittered(core::environment& env, core::duration pause) { return core::random_between(env, pause * 3 / 4, pause * 5 / 4); }

// However the exchange ends: only a link that has moved need not be thawed.
class freezing {
 public:
  explicit freezing(framed_link& l) : link_(l) { link_.freeze(); }
  ~freezing() { link_.thaw(); }
  freezing(const freezing&) = delete;
  freezing& operator=(const freezing&) = delete;

 private:
  framed_link& link_;
};

}  // namespace

void link_mover::watch(const std::shared_ptr<framed_link>& l, const std::vector<candidate>& to, std::string network) {
  std::vector<candidate> same_host;
  std::ranges::copy_if(to, std::back_inserter(same_host), [&](const candidate& c) { return c.at.address == l->remote().address; });
  const auto w = std::make_shared<ward>();
  w->link = l;
  w->network = std::move(network);
  w->ladder = plan_ladder(same_host, state_.options.ladder, std::nullopt);
  l->mark_dialled([this, w] { fall_back(w); });
  look_up(w);
}

void link_mover::look_up(const std::shared_ptr<ward>& w) {
  const auto l = w->link.lock();
  if (!l || w->climbing || w->ladder.empty() || w->ladder.front().by >= l->by()) return;
  w->climbing = true;
  scope_.spawn(climb(*this, w));
}

void link_mover::fall_back(const std::shared_ptr<ward>& w) {
  if (w->falling) return;
  w->falling = true;
  scope_.spawn(fall(*this, w));
}

// Until the time is over, or another link has climbed: then a moment, for those who hear it together.
core::awaitable<void> link_mover::pause_or_good_news(core::duration pause) {
  const auto alarm = state_.env.make_timer();
  struct registration {
    std::set<core::timer*>& all;
    core::timer* timer;
    ~registration() { all.erase(timer); }
  };
  const registration entry{pausing_, alarm.get()};
  pausing_.insert(alarm.get());
  alarm->set(state_.env.now() + jittered(state_.env, pause));
  const bool over = co_await alarm->wait();
  if (over) co_return;
  const auto moment = core::random_between(state_.env, core::duration::zero(), news_spread);
  co_await core::sleep_for(state_.env, moment);
}

core::awaitable<void> link_mover::climb(link_mover& self, std::shared_ptr<ward> w) {
  auto pause = self.state_.options.ladder.climb_first;
  while (true) {  // ends on the best rung, with the link, or by cancellation
    co_await self.pause_or_good_news(pause);
    auto l = w->link.lock();
    if (!l || !l->open() || w->ladder.front().by >= l->by()) break;
    auto better = steps_that(w->ladder, [by = l->by()](rung r) { return r < by; });
    l.reset();
    const bool moved = co_await self.move(w, std::move(better), false);
    pause = moved ? self.state_.options.ladder.climb_first : std::min(2 * pause, self.state_.options.ladder.climb_most);
    if (moved) std::ranges::for_each(self.pausing_, [](core::timer* t) { t->cancel(); });
  }
  w->climbing = false;
}

core::awaitable<void> link_mover::fall(link_mover& self, std::shared_ptr<ward> w) {
  auto others = steps_that(w->ladder, [](rung r) { return r != rung::dtls; });
  const bool moved = co_await self.move(w, std::move(others), true);
  w->falling = false;
  if (moved) self.look_up(w);
}

// True once the link goes on by one of `steps`. `only_in_silence`: not if the peer was heard by the old way meanwhile.
core::awaitable<bool> link_mover::move(std::shared_ptr<ward> w, std::vector<ladder_step> steps, bool only_in_silence) {
  auto l = w->link.lock();
  if (!l || steps.empty()) co_return false;
  dial_purpose what;
  what.expected = l->peer().node();
  what.alpn = alpn_move;
  const auto heard = l->heard();
  l.reset();  // it may end while we dial
  auto dialled = co_await dialler_.race(std::move(steps), std::move(what), state_.env.now() + dial_time);
  l = w->link.lock();
  if (!dialled || !l || !l->open() || (only_in_silence && l->heard() != heard)) co_return false;
  framed_link::new_way way;
  way.carrier = dialled->take();
  way.rtt = dialled->rtt();
  const freezing frozen(*l);
  core::result<receive_state> answer = core::fail(errc::timed_out);
  {
    move_exchange exchange(state_.env, way.carrier);
    answer = co_await exchange.run(l->question(), state_.env.now() + exchange_time);
    way.early = exchange.take_early();
  }
  if (!answer || !l->open()) {
    way.carrier->close();
    co_return false;
  }
  way.theirs = *answer;
  state_.log.debug("the link with {} goes on by {}, not {}", l->peer().node().hex(), text_of(way.carrier->by()), text_of(l->by()));
  l->move_to(std::move(way));
  state_.count_move(l->kind());
  state_.note_winner(w->network, l->by());
  co_return true;
}

}  // namespace phyllo::transport
