#include "phyllo/core/inbox.hpp"

#include <doctest.h>

#include <array>
#include <asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

namespace inbox_test {

using namespace phyllo;

TEST_CASE("what one thread has posted runs in its order, after one waking for all of it") {
  asio::io_context io(1);
  core::inbox in(io.get_executor(), 1000);
  std::vector<int> ran;
  for (int i = 0; i < 600; ++i) CHECK(in.post([&ran, i] { ran.push_back(i); }));
  CHECK(in.wakes() == 1);
  CHECK(io.poll() == 3);  // others' turns come between
  REQUIRE(ran.size() == 600);
  for (int i = 0; i < 600; ++i) CHECK(ran[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("a full inbox takes nothing but answers, and has room again once its works have run") {
  asio::io_context io(1);
  core::inbox in(io.get_executor(), 2);
  int ran = 0;
  CHECK(in.post([&] { ++ran; }));
  CHECK(in.post([&] { ++ran; }));
  CHECK_FALSE(in.post([&] { ran += 100; }));
  in.post_surely([&] { ++ran; });
  io.poll();
  CHECK(ran == 3);
  CHECK(in.post([&] { ++ran; }));
}

TEST_CASE("works may post to the inbox that runs them") {
  asio::io_context io(1);
  core::inbox in(io.get_executor(), 10);
  int ran = 0;
  in.post([&] { in.post([&] { ++ran; }); });
  io.poll();
  CHECK(ran == 1);
}

TEST_CASE("what is left when the inbox goes is destroyed, and does not run") {
  const auto held = std::make_shared<int>(0);
  {
    asio::io_context io(1);
    core::inbox in(io.get_executor(), 10);
    in.post([held] { *held = 1; });
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
  CHECK(*held == 0);
}

TEST_CASE("of many threads every work runs once, in the order of its thread") {
  constexpr int threads = 4;
  constexpr int each = 20'000;
  asio::io_context io(1);
  core::inbox in(io.get_executor(), static_cast<std::size_t>(threads) * each);
  std::array<int, threads> next{};
  int wrong = 0;
  int left = threads * each;
  std::vector<std::thread> posters;
  for (int t = 0; t < threads; ++t) {
    posters.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        in.post([&, t, i] {
          if (next[static_cast<std::size_t>(t)]++ != i) ++wrong;
          --left;
        });
      }
    });
  }
  while (left > 0) {  // ends with the last work
    io.restart();
    io.poll();
  }
  for (auto& p : posters) p.join();
  CHECK(wrong == 0);
  CHECK(in.wakes() < static_cast<std::size_t>(threads) * each);
}

}  // namespace inbox_test
