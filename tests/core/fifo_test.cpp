#include "phyllo/core/fifo.hpp"

#include <doctest.h>

#include <deque>
#include <memory>
#include <random>

namespace fifo_test {

using namespace phyllo;

TEST_CASE("a fifo gives back what was put in, in its order, as a deque does") {
  std::mt19937 choose(7);
  core::fifo<int> queue;
  std::deque<int> model;
  for (int i = 0; i < 20'000; ++i) {
    const bool grows = i / 2000 % 2 == 0;
    if (choose() % 10 < (grows ? 7U : 3U) || model.empty()) {
      queue.push_back(i);
      model.push_back(i);
    } else {
      REQUIRE(queue.front() == model.front());
      queue.pop_front();
      model.pop_front();
    }
    REQUIRE(queue.size() == model.size());
    REQUIRE(queue.empty() == model.empty());
    if (!model.empty()) REQUIRE(queue.back() == model.back());
  }
  CHECK(std::equal(queue.begin(), queue.end(), model.begin(), model.end()));
}

TEST_CASE("what is taken out of a fifo is let go of at once, not when the queue next moves") {
  core::fifo<std::shared_ptr<int>> queue;
  const auto held = std::make_shared<int>(1);
  for (int i = 0; i < 3; ++i) queue.push_back(held);
  queue.pop_front();
  CHECK(held.use_count() == 3);
  queue.clear();
  CHECK(held.use_count() == 1);
}

TEST_CASE("a fifo that was moved from is empty and can be used again") {
  core::fifo<int> a;
  for (int i = 0; i < 5; ++i) a.push_back(i);
  a.pop_front();
  core::fifo<int> b = std::move(a);
  CHECK(b.size() == 4);
  CHECK(a.empty());  // what a moved-from fifo is, is promised
  a.push_back(9);
  CHECK(a.front() == 9);
  b = std::move(a);
  CHECK(b.size() == 1);
  CHECK(b.front() == 9);
}

}  // namespace fifo_test
