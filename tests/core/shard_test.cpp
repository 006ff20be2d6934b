#include "phyllo/core/shard.hpp"

#include <doctest.h>
#include <pthread.h>

#include <array>
#include <asio/post.hpp>
#include <future>
#include <stdexcept>
#include <thread>

namespace shard_test {

using namespace phyllo;

namespace {

core::awaitable<void> throws() {
  throw std::runtime_error("on purpose");
  co_return;
}

core::awaitable<void> notes_thread(std::thread::id& into) {
  into = std::this_thread::get_id();
  co_return;
}

}  // namespace

TEST_CASE("a shard runs what is posted to it on a thread of its own, by its name, of which the kernel keeps 15 letters") {
  core::shard s("a-name-that-is-too-long");
  std::promise<std::pair<std::thread::id, std::string>> told;
  asio::post(s.env().get_executor(), [&] {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    told.set_value({std::this_thread::get_id(), name.data()});
  });
  s.start();
  const auto [thread, name] = told.get_future().get();
  CHECK(thread != std::this_thread::get_id());
  CHECK(name == "a-name-that-is-");
}

TEST_CASE("a command runs on the calling thread, and what it throws is thrown there") {
  core::shard s("test");
  std::thread::id where;
  s.run(notes_thread(where));
  CHECK(where == std::this_thread::get_id());
  core::shard broken("test");
  CHECK_THROWS_WITH(broken.run(throws()), "on purpose");
}

TEST_CASE("a shard runs until it is stopped, from whatever thread, and not beyond") {
  core::shard s("test");
  int ran = 0;
  asio::post(s.env().get_executor(), [&] {
    ++ran;
    std::thread([&] { s.stop(); }).join();
    asio::post(s.env().get_executor(), [&] { ++ran; });
  });
  s.run_here();
  CHECK(ran == 1);
}

}  // namespace shard_test
