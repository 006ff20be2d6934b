#include "phyllo/sip/shard_exchange.hpp"

#include <doctest.h>

#include <array>
#include <asio/io_context.hpp>

#include "phyllo/sip/errc.hpp"
#include "sip/shard_post.hpp"

namespace shard_exchange_test {

using namespace phyllo;

namespace {

constexpr unsigned shards = 3;

// What is told to one shard.
struct noting_end final : sip::shard_end {
  void take(sip::message, const sip::source&, core::time_point) override {}
  void send_for(unsigned, const sip::destination&, core::byte_view, std::uint64_t) override {}
  void failed(std::uint64_t token, const core::error&) override { tokens.push_back(token); }
  void flow_closed(sip::flow_id) override {}
  void close_own(sip::flow_id) override {}
  void keep_own(unsigned, sip::flow_id, bool) override {}
  void prove_own(const sip::source&) override {}
  std::vector<std::uint64_t> tokens;
};

// The shards share a thread here.
struct scene {
  asio::io_context io{1};
  std::unique_ptr<core::environment> env = core::make_system_environment(io.get_executor());
  std::vector<std::unique_ptr<core::shard_door>> doors;
  transport::steering by{shards, 0x9E3779B1, 0x85EBCA77};
  std::shared_ptr<sip::shard_exchange> exchange = make();

  std::shared_ptr<sip::shard_exchange> make() {
    std::vector<core::shard_door*> all;
    for (unsigned i = 0; i < shards; ++i) all.push_back(doors.emplace_back(std::make_unique<core::shard_door>(*env)).get());
    return std::make_shared<sip::shard_exchange>(*env, all, by, std::vector<std::string>{"example.com"});
  }
  void run() {
    io.restart();
    io.poll();
  }
};

}  // namespace

TEST_CASE("a user is one shard's, and users are spread over all of them") {
  scene s;
  std::array<int, shards> users{};
  for (int i = 0; i < 300; ++i) {
    const auto user = "user" + std::to_string(i) + "@example.com";
    const auto home = s.exchange->inside().home_of(user);
    REQUIRE(home < shards);
    CHECK(s.exchange->inside().home_of(user) == home);
    ++users[home];
  }
  for (const int n : users) CHECK(n > 50);
}

TEST_CASE("what is posted to a shard is told to its end, in its order, and not after the end has gone") {
  scene s;
  auto& inside = s.exchange->inside();
  noting_end end;
  inside.ends[1] = &end;
  const auto fail = [&](unsigned to, std::uint64_t token) {
    return inside.post(to, [token](sip::shard_end& e) { e.failed(token, sip::errc::unreachable); });
  };
  CHECK(fail(1, 7));
  CHECK(fail(1, 8));
  CHECK(fail(2, 9));  // nobody hears it
  CHECK(end.tokens.empty());
  s.run();
  CHECK(end.tokens == std::vector<std::uint64_t>{7, 8});
  CHECK(fail(1, 10));
  inside.ends[1] = nullptr;
  s.run();
  CHECK(end.tokens.size() == 2);
}

TEST_CASE("a call whose ends are of two shards is counted once") {
  scene s;
  auto& inside = s.exchange->inside();
  const auto now = s.env->now();
  for (int shard = 0; shard < 2; ++shard) {
    inside.count_call([now](sip::dialog_count& calls) { calls.answered("call", "a", "b", now); });
  }
  s.run();
  CHECK(inside.calls.size() == 1);
  inside.count_call([](sip::dialog_count& calls) { calls.ended("call", "b", "a"); });
  s.run();
  CHECK(inside.calls.size() == 0);
}

TEST_CASE("a flow's number begins with its shard's") {
  CHECK(sip::shard_of(static_cast<sip::flow_id>(std::uint64_t{2} << sip::flow_shard_bits | 5)) == 2);
  CHECK(sip::shard_of(static_cast<sip::flow_id>(5)) == 0);
}

}  // namespace shard_exchange_test
