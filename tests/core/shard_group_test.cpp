#include "phyllo/core/shard_group.hpp"

#include <doctest.h>
#include <pthread.h>

#include <array>
#include <future>
#include <set>
#include <thread>

namespace shard_group_test {

using namespace phyllo;

TEST_CASE("each shard but the first has a thread of its own, by its name and number") {
  core::shard main("main");
  core::shard_group shards(main.env(), "node", 3);
  CHECK(shards.size() == 3);
  CHECK(&shards.door(0).env() == &main.env());
  std::set<std::string> names;
  for (unsigned i = 1; i < 3; ++i) {
    std::promise<std::string> told;
    CHECK(shards.door(i).post([&] {
      std::array<char, 16> name{};
      pthread_getname_np(pthread_self(), name.data(), name.size());
      told.set_value(name.data());
    }));
    names.insert(told.get_future().get());
  }
  CHECK(names == std::set<std::string>{"node-1", "node-2"});
}

TEST_CASE("a group of one has no thread beside that of its maker") {
  core::shard main("main");
  const core::shard_group shards(main.env(), "node", 1);
  CHECK(shards.size() == 1);
}

TEST_CASE("there is a core for this process, and no more than a group may have") {
  CHECK(core::usable_cores() >= 1);
  CHECK(core::usable_cores() <= core::shard_group::shards_max);
}

}  // namespace shard_group_test
