#include "phyllo/sim/event_queue.hpp"

#include <doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

namespace event_queue_test {

using namespace phyllo;

namespace {

struct noted final : sim::event {
  noted(std::vector<int>& log, int number) : log_(log), number_(number) {}
  void fire() override { log_.push_back(number_); }
  std::vector<int>& log_;
  int number_;
};

core::time_point at(unsigned s) { return core::time_point(std::chrono::seconds(s)); }

}  // namespace

TEST_CASE("events come by time, those of one time in the order of their scheduling, whatever was removed or set anew") {
  std::mt19937 random(5);
  std::vector<int> log;
  std::vector<std::unique_ptr<noted>> events;
  std::vector<std::pair<core::time_point, int>> expected;  // with the order of scheduling
  sim::event_queue queue;
  for (int i = 0; i < 500; ++i) {
    events.push_back(std::make_unique<noted>(log, i));
    queue.schedule(*events.back(), core::time_point(std::chrono::seconds(random() % 50)));
  }
  for (int i = 0; i < 500; ++i) {
    const core::time_point when(std::chrono::seconds(random() % 50));
    if (i % 3 == 0) {
      queue.remove(*events[static_cast<std::size_t>(i)]);
    } else {
      queue.schedule(*events[static_cast<std::size_t>(i)], when);
      expected.emplace_back(when, i);
    }
  }
  std::ranges::sort(expected);
  while (!queue.empty()) queue.take().fire();  // ends with the queue
  REQUIRE(log.size() == expected.size());
  for (std::size_t i = 0; i < log.size(); ++i) CHECK(log[i] == expected[i].second);
}

TEST_CASE("the next time is that of the first event, and never where there is none") {
  std::vector<int> log;
  noted early(log, 1);
  noted late(log, 2);
  sim::event_queue queue;
  CHECK(queue.next() == core::time_point::max());
  queue.schedule(late, at(9));
  queue.schedule(early, at(3));
  CHECK(queue.next() == at(3));
  queue.schedule(early, at(10));
  CHECK(queue.size() == 2);
  CHECK(queue.next() == at(9));
  CHECK(&queue.take() == &late);
  CHECK_FALSE(late.scheduled());
  queue.remove(late);  // it is not there
  CHECK(queue.next() == at(10));
  queue.remove(early);
  CHECK(queue.empty());
}

TEST_CASE("an event that is set anew to a time where others are comes after them") {
  std::vector<int> log;
  noted first(log, 1);
  noted second(log, 2);
  sim::event_queue queue;
  queue.schedule(first, at(5));
  queue.schedule(second, at(5));
  queue.schedule(first, at(5));
  while (!queue.empty()) queue.take().fire();  // ends with the queue
  CHECK(log == std::vector<int>{2, 1});
}

TEST_CASE("what is still to happen when the queue ends is dropped, and none of it happens") {
  struct dropped final : sim::event {
    explicit dropped(int& count) : drops(count) {}
    void fire() override { drops += 100; }
    void drop() noexcept override { ++drops; }
    int& drops;
  };
  int drops = 0;
  dropped a(drops);
  dropped b(drops);
  {
    sim::event_queue queue;
    queue.schedule(a, at(1));
    queue.schedule(b, at(2));
  }
  CHECK(drops == 2);
  CHECK_FALSE(a.scheduled());
}

}  // namespace event_queue_test
