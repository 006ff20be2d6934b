#include "assembly/health_probe.hpp"

#include <doctest.h>

#include <map>

#include "phyllo/core/task_scope.hpp"
#include "phyllo/node/errc.hpp"
#include "support/simulated_world.hpp"

namespace health_probe_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

identity::node_id numbered(std::uint8_t n) {
  identity::node_id id;
  id.octets.back() = n;
  return id;
}

// What is stored stays there; who answers, and whether, is the test's to say.
class probed_overlay final : public overlay::overlay {
 public:
  using outcome = core::result<phyllo::overlay::outcome>;
  explicit probed_overlay(core::environment& env) : env_(env) {}

  core::awaitable<outcome> update(std::string, phyllo::overlay::name n, phyllo::overlay::record r, std::chrono::seconds,
                                  phyllo::overlay::write_options) override {
    co_await core::sleep_for(env_, delay);
    ++puts;
    if (broken) co_return core::fail(*broken);
    if (!loses) records[n.text()] = std::move(r);
    co_return answered(n);
  }
  core::awaitable<outcome> get(std::string, phyllo::overlay::name n, phyllo::overlay::read_options) override {
    if (broken) co_return core::fail(*broken);
    const auto found = records.find(n.text());
    if (found == records.end()) co_return core::fail(phyllo::overlay::errc::not_found);
    auto out = answered(n);
    phyllo::overlay::stored_value v;
    v.content = found->second;
    v.signer_node = numbered(1);
    out.values.push_back(std::move(v));
    co_return out;
  }
  core::awaitable<outcome> add(std::string, phyllo::overlay::name, phyllo::overlay::record, std::chrono::seconds,
                               phyllo::overlay::write_options) override {
    co_return core::fail(core::errc::invalid);
  }
  core::awaitable<outcome> remove(std::string, phyllo::overlay::name, phyllo::overlay::write_options) override {
    co_return core::fail(core::errc::invalid);
  }
  core::awaitable<outcome> watch(std::string, phyllo::overlay::name, phyllo::overlay::watch_options) override {
    co_return core::fail(core::errc::invalid);
  }

  std::map<std::string, phyllo::overlay::record> records;
  std::optional<core::error> broken;
  bool loses = false;
  core::duration delay{};
  int puts = 0;
  int own = 0;         // so many places are the probing node's own, before another's is met
  bool alone = false;  // a ring of one

 private:
  phyllo::overlay::outcome answered(const phyllo::overlay::name&) const {
    phyllo::overlay::outcome out;
    out.root = alone || puts <= own ? numbered(1) : numbered(2);
    if (!alone) out.replicas = {numbered(3)};
    return out;
  }
  core::environment& env_;
};

struct probing {
  testing::simulated_world world;
  probed_overlay overlay{world.env()};
  std::vector<core::error> twins;
  core::task_scope scope{world.env()};
  node::health_probe probe = made(100);

  node::health_probe made(std::uint32_t incarnation) {
    return {world.env(), overlay, "node@example.com", numbered(1), incarnation, [this](const core::error& e) { twins.push_back(e); }, {}};
  }
  void begin() {
    scope.spawn(probe.run());
    world.run_for(1s);
  }
  std::string reason() const { return probe.report().report["reason"].get<std::string>(); }
  probing() = default;
  ~probing() {
    scope.cancel();
    world.run(scope.join());
  }
  probing(const probing&) = delete;
  probing& operator=(const probing&) = delete;
};

}  // namespace

TEST_CASE_FIXTURE(probing, "before its first probe a node is not healthy, and says that") {
  CHECK_FALSE(probe.report().good);
  CHECK(reason() == "not probed yet");
}

TEST_CASE_FIXTURE(probing, "a put and a get through another node are health, and say through whom") {
  begin();
  const auto h = probe.report();
  CHECK(h.good);
  CHECK(h.report["reason"] == "ok");
  CHECK(h.report["probe"]["through"] == numbered(2).hex());
  CHECK(h.report["probe"]["alone"] == false);
}

TEST_CASE_FIXTURE(probing, "where this node is itself the root of a place others are tried until another node is") {
  overlay.own = 5;
  begin();
  CHECK(overlay.puts == 6);
  CHECK(probe.report().report["probe"]["through"] == numbered(2).hex());
}

TEST_CASE_FIXTURE(probing, "a ring of one has no other node, and is healthy") {
  overlay.alone = true;
  begin();
  CHECK(overlay.puts == 1);
  CHECK(probe.report().good);
  CHECK(probe.report().report["probe"]["alone"] == true);
}

TEST_CASE_FIXTURE(probing, "what was put and is not there is no health, nor is an overlay that fails, and the reason says which") {
  overlay.loses = true;
  begin();
  CHECK_FALSE(probe.report().good);
  CHECK(reason().find("get") != std::string::npos);
  overlay.broken = core::error(phyllo::overlay::errc::timed_out);
  world.run_for(10s);
  CHECK(reason().find("put") != std::string::npos);
  overlay.broken.reset();
  overlay.loses = false;
  world.run_for(10s);
  CHECK(probe.report().good);
}

TEST_CASE_FIXTURE(probing, "a probe every ten seconds; one of long ago is no health any more") {
  begin();
  world.run_for(60s);
  CHECK(overlay.puts == 7);
  overlay.delay = 1h;
  world.run_for(33s);
  CHECK(probe.report().good);
  world.run_for(2s);
  CHECK_FALSE(probe.report().good);
  CHECK(reason() == "the last probe is too old");
}

TEST_CASE_FIXTURE(probing, "of two processes with one key the later one is told to end, and the earlier one is not healthy meanwhile") {
  begin();
  auto later = made(200);
  core::task_scope other(world.env());
  world.run_for(5s);
  other.spawn(later.run());
  world.run_for(5min);
  REQUIRE_FALSE(twins.empty());
  CHECK(twins[0] == node::errc::refused);
  CHECK(twins[0].message().find("data directory was copied") != std::string::npos);
  CHECK_FALSE(probe.report().good);
  other.cancel();
  world.run(other.join());
  world.run_for(10min);
  CHECK(probe.report().good);
}

}  // namespace health_probe_test
