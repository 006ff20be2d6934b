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
    const bool free = control.level() <= 0 && control.unread() <= 0;  // then nobody is asked
    const bool admitted = free || control.admits(rank::newcomer, next_dice());
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
        if ((!sheds || next_dice() >= control.unread()) && queue.size() < room) queue.push_back(next);
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
      CHECK(n.control.unread() > 0.8);
      n.run(500, 2s);
      CHECK(n.control.unread() == 0);
    } else {
      CHECK(n.done <= 3'000);
    }
  }
}

TEST_CASE("while strangers alone are refused everything is read: the kernel can not tell them from others") {
  overload_control c;
  core::time_point now{1000s};
  for (int i = 0; i < 40; ++i, now += 10ms) {
    c.waited(400ms, now);
    if (c.level() <= 0) continue;
    for (int k = 0; k < 100; ++k) (void)c.admits(rank::stranger, 0.01 * k);
  }
  REQUIRE(c.level() > 0.5);
  REQUIRE(c.level() < 1);
  CHECK(c.unread() == 0);
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
      c.waited(400ms, now);
      if (c.level() > 0)
        for (const auto r : {rank::stranger, rank::newcomer, rank::answer}) (void)c.admits(r, 0.5);
    }
  };
  press(3);
  CHECK_FALSE(c.admits(rank::stranger, 0.9));
  CHECK(c.admits(rank::newcomer, 0.99));
  press(8);
  CHECK_FALSE(c.admits(rank::stranger, 0));
  CHECK_FALSE(c.admits(rank::newcomer, 0.9));
  CHECK(c.admits(rank::answer, 0.99));
  press(100);
  CHECK_FALSE(c.admits(rank::newcomer, 0));
  CHECK_FALSE(c.admits(rank::answer, 0.9));
  CHECK(c.admits(rank::answer, 0));
  CHECK(c.admits(rank::dialog, 0.99));
}

TEST_CASE("where there are no strangers, no time is lost with refusing them") {
  overload_control c;
  core::time_point now{1000s};
  for (int i = 0; i < 30; ++i, now += 10ms) {
    c.waited(400ms, now);
    if (c.level() > 0) (void)c.admits(rank::newcomer, 0.5);
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
}

}  // namespace overload_control_test
