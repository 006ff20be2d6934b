#include "sip/overload_control.hpp"

#include <doctest.h>

#include <algorithm>
#include <deque>

namespace overload_control_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;
using rank = overload_control::rank;

namespace {

// A node that does so many requests a second, each of them whole, before a queue of datagrams; refusing costs it one part of 200.
struct node {
  overload_control control;
  core::time_point now{1000s};
  std::deque<core::time_point> queue;
  core::duration cost = 1ms;
  core::duration refusal = cost / 200;
  std::size_t room = 1500;  // in the socket
  bool sheds = false;       // the kernel drops what is not worth reading
  double dice = 0;
  unsigned done = 0;
  unsigned late = 0;  // done after the sender had given them up

  double next_dice() { return dice = dice + 0.618033988749895 - (dice + 0.618033988749895 >= 1 ? 1 : 0); }

  void take_one() {
    const auto age = now - queue.front();
    queue.pop_front();
    control.waited(age, now);
    if (age > control.age_max(rank::newcomer)) return control.gave_up(rank::newcomer);
    const bool free = control.level() <= 0;  // then nobody is asked
    const bool admitted = free || control.admits(rank::newcomer, sheds ? 1 - control.unread().first : 1, next_dice());
    now += admitted ? cost : refusal;
    if (admitted) ++(age < 500ms ? done : late);
  }
  // Arrivals at this rate, for so long.
  void run(double per_second, core::duration span) {
    const auto gap = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(1 / per_second));
    const auto end = now + span;
    auto next = now;
    while (now < end) {
      for (; next <= now; next += gap) {
        if ((!sheds || next_dice() >= control.unread().first) && queue.size() < room) queue.push_back(next);
      }
      if (queue.empty()) {
        now = next;
        control.late(0ms, now);
      } else {
        take_one();
      }
    }
  }
};

}  // namespace

TEST_CASE("who keeps up refuses nothing") {
  node n;
  n.run(900, 20s);
  CHECK(n.control.level() == 0);
  CHECK(n.done > 17'900);
}

TEST_CASE("at two, five and ten times of what it can do a node does nine tenths of it, in time") {
  for (const double times : {2.0, 5.0, 10.0}) {
    CAPTURE(times);
    node n;
    n.run(1000 * times, 5s);  // until it has found its level
    n.done = n.late = 0;
    n.run(1000 * times, 20s);
    CHECK(n.done >= 18'000);
    CHECK(n.late <= n.done / 100);
  }
}

TEST_CASE("where refusing takes the time for what could be done, most is not even read") {
  for (const bool sheds : {false, true}) {
    node n;
    n.refusal = n.cost / 12;
    n.sheds = sheds;
    n.run(20'000, 5s);
    n.done = n.late = 0;
    n.run(20'000, 10s);
    if (sheds) {
      CHECK(n.done >= 9'200);
      CHECK(n.late == 0);
      CHECK(n.control.unread().first > 0.8);
      n.run(500, 2s);
      CHECK(n.control.unread() == sip_shares());
    } else {
      CHECK(n.done <= 3'000);
    }
  }
}

namespace {

// The same, where each request is challenged, which is half of its cost, and comes again with credentials.
struct challenging_node {
  struct datagram {
    core::time_point at;
    bool credentials;
  };
  overload_control control;
  core::time_point now{1000s};
  std::deque<datagram> queue, answers;  // answers are on their way
  core::duration half = 500us;
  core::duration refusal = half / 6;
  bool knows_answers = true;  // the kernel does
  std::size_t room = 1500;
  core::duration clearing{};  // of one that is too old
  sip_shares* told{};         // what the kernel does; null: what is wanted, at once
  double dice = 0;
  unsigned read = 0;
  unsigned done = 0;

  double next_dice() { return dice = dice + 0.618033988749895 - (dice + 0.618033988749895 >= 1 ? 1 : 0); }

  double unread_of(const datagram& d) const {
    const auto shares = told != nullptr ? *told : control.unread();
    return d.credentials && knows_answers ? shares.answering : shares.first;
  }
  void arrives(const datagram& d) {
    if (next_dice() >= unread_of(d) && queue.size() < room) queue.push_back(d);
  }
  void take_one() {
    control.filled(static_cast<double>(queue.size()) / static_cast<double>(room), now);
    const auto d = queue.front();
    queue.pop_front();
    control.waited(now - d.at, now);
    ++read;
    const auto r = d.credentials ? rank::answer : rank::newcomer;
    if (now - d.at > control.age_max(r)) {
      now += clearing;
      return control.gave_up(r);
    }
    const bool admitted = control.level() <= 0 || control.admits(r, 1 - unread_of(d), next_dice());
    now += admitted ? half : refusal;
    if (!admitted) return;
    if (d.credentials)
      ++done;
    else
      answers.push_back({now + 2ms, true});
  }
  void run(double per_second, core::duration span) {
    const auto gap = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(1 / per_second));
    const auto end = now + span;
    auto next = now;
    while (now < end) {
      for (; next <= now; next += gap) arrives({next, false});
      for (; !answers.empty() && answers.front().at <= now; answers.pop_front()) arrives(answers.front());
      if (!queue.empty()) {
        take_one();
      } else {
        now = answers.empty() ? next : std::min(next, answers.front().at);
        control.late(0ms, now);
      }
    }
  }
};

}  // namespace

TEST_CASE("who has answered a challenge gets through a flood of those who have not") {
  for (const double times : {2.0, 5.0, 10.0, 50.0}) {
    CAPTURE(times);
    challenging_node n;
    n.run(1000 * times, 5s);
    n.done = 0;
    n.run(1000 * times, 10s);
    CHECK(n.done >= 9'000);
  }
  challenging_node blind;
  blind.knows_answers = false;
  blind.run(10'000, 5s);
  blind.done = 0;
  blind.run(10'000, 10s);
  CHECK(blind.done <= 5'000);
}

namespace {

// It runs for a fifth of each tenth of a second, and the kernel is told of shares only twice a second unless they differ much.
struct sliced_node : challenging_node {
  static constexpr auto period = 100ms, slice = 20ms, probe_every = 20ms;
  sip_shares kernel;
  core::time_point told_next{};
  core::time_point probe_due = now + probe_every;

  sliced_node() {
    clearing = half / 15;
    told = &kernel;
  }

  void tell_kernel() {
    const auto wanted = control.unread();
    const double change = (1 - wanted.first) / std::max(1e-9, 1 - kernel.first);
    if (change < 2 && change > 0.5 && now < told_next) return;
    kernel = wanted;
    told_next = now + 500ms;
  }
  void probe() {
    if (now < probe_due) return;
    control.late(now - probe_due, now);
    probe_due = now + probe_every;
    tell_kernel();
  }
  void run_slices(double per_second, core::duration span) {
    const auto gap = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(1 / per_second));
    auto next = now;
    for (const auto end = now + span; now < end;) {
      const auto begins = now;
      while (now < begins + slice) {
        for (; next <= now; next += gap) arrives({next, false});
        for (; !answers.empty() && answers.front().at <= now; answers.pop_front()) arrives(answers.front());
        probe();
        queue.empty() ? void(now += 1ms) : take_one();
      }
      now = std::max(now, begins + period);
    }
  }
};

}  // namespace

TEST_CASE("a node that has its time in slices reads hardly more than it can do, and does nearly all that it can") {
  for (const double times : {2.0, 5.0, 10.0, 30.0}) {
    CAPTURE(times);
    sliced_node n;
    n.run_slices(200 * times, 10s);
    n.done = n.read = 0;
    n.run_slices(200 * times, 40s);
    CHECK(n.done >= 40 * 190);
    CHECK(n.read <= 2.3 * n.done);
  }
}

TEST_CASE("neither a socket that holds seconds of work nor one that is soon full loses much of it") {
  for (const std::size_t room : {200U, 5000U}) {
    CAPTURE(room);
    challenging_node n;
    n.room = room;
    n.run(4000, 3s);
    for (int second = 0; second < 10; ++second) {
      n.done = 0;
      n.run(4000, 1s);
      CHECK(n.done >= 850);
    }
  }
}

TEST_CASE("an interval in which nobody is refused ends no overload while something waits") {
  for (const auto r : {rank::stranger, rank::newcomer}) {
    overload_control c;
    core::time_point now{1000s};
    for (int i = 0; i < 40; ++i, now += 10ms) {
      c.late(400ms, now);
      if (c.level() <= 0) continue;
      for (int k = 0; k < 100; ++k) (void)c.admits(r, 1, 0.01 * k);
    }
    const auto before = c.level();
    REQUIRE(before > (r == rank::stranger ? 0.5 : 1.5));
    for (int i = 0; i < 12; ++i, now += 10ms) c.late(80ms, now);
    CHECK(c.level() > before - 0.4);
  }
}

TEST_CASE("what came too late counts as refused") {
  overload_control c;
  core::time_point now{1000s};
  for (int i = 0; i < 40; ++i, now += 10ms) {
    c.waited(900ms, now);
    if (c.level() > 0) c.gave_up(rank::newcomer);
  }
  CHECK(c.level() > 1);
  CHECK(c.level() < 2);
  CHECK(c.age_max(rank::newcomer) == overload_control::stale);
  CHECK(c.age_max(rank::answer) == overload_control::given_up);
}

TEST_CASE("while strangers alone are refused everything is read: the kernel can not tell them from others") {
  overload_control c;
  core::time_point now{1000s};
  for (int i = 0; i < 40; ++i, now += 10ms) {
    c.late(400ms, now);
    if (c.level() <= 0) continue;
    for (int k = 0; k < 100; ++k) (void)c.admits(rank::stranger, 1, 0.01 * k);
  }
  REQUIRE(c.level() > 0.5);
  REQUIRE(c.level() < 1);
  CHECK(c.unread() == sip_shares());
}

TEST_CASE("a second after an overload a node does what comes") {
  node n;
  n.run(10'000, 10s);
  CHECK(n.control.level() > 1);
  n.run(500, 1s);
  n.done = n.late = 0;
  n.run(500, 1s);
  CHECK(n.done >= 450);
  CHECK(n.control.level() == 0);
}

TEST_CASE("a burst of half a second is worked off, and is no overload for long") {
  node n;
  n.run(3000, 500ms);
  n.run(200, 2s);
  CHECK(n.control.level() == 0);
}

TEST_CASE("strangers are refused first, then what begins, then answers to challenges, and dialogs never") {
  overload_control c;
  core::time_point now{1000s};
  const auto press = [&](int intervals) {
    for (int i = 0; i < intervals * 10; ++i, now += 10ms) {
      c.late(400ms, now);
      if (c.level() > 0)
        for (const auto r : {rank::stranger, rank::newcomer, rank::answer}) (void)c.admits(r, 1, 0.5);
    }
  };
  press(3);
  CHECK_FALSE(c.admits(rank::stranger, 1, 0.9));
  CHECK(c.admits(rank::newcomer, 1, 0.99));
  press(8);
  CHECK_FALSE(c.admits(rank::stranger, 1, 0));
  CHECK_FALSE(c.admits(rank::newcomer, 1, 0.9));
  CHECK(c.admits(rank::answer, 1, 0.99));
  press(100);
  CHECK_FALSE(c.admits(rank::newcomer, 1, 0));
  CHECK_FALSE(c.admits(rank::answer, 1, 0.9));
  CHECK(c.admits(rank::answer, 1, 0));
  CHECK(c.admits(rank::dialog, 1, 0.99));
}

TEST_CASE("where there are no strangers, no time is lost with refusing them") {
  overload_control c;
  core::time_point now{1000s};
  for (int i = 0; i < 30; ++i, now += 10ms) {
    c.late(400ms, now);
    if (c.level() > 0) (void)c.admits(rank::newcomer, 1, 0.5);
  }
  CHECK(c.level() > 1);
}

TEST_CASE("a loop that is late is overload, where messages have no times") {
  overload_control c;
  core::time_point now{1000s};
  for (int i = 0; i < 100; ++i, now += 20ms) c.late(150ms, now);
  CHECK(c.level() > 1);
}

TEST_CASE("a host that gives its time in slices is not overloaded for that") {
  overload_control c;
  core::time_point now{1000s};
  for (int period = 0; period < 100; ++period) {
    for (int i = 0; i < 8; ++i) c.waited(10ms * i, now);
    now += 100ms;
  }
  CHECK(c.level() == 0);
  for (int i = 0; i < 1000; ++i, now += 10ms) c.waited(i % 2 == 0 ? 120ms : 60ms, now);
  CHECK(c.level() == 0);
}

}  // namespace overload_control_test
