#include "assembly/certificate_watch.hpp"

#include <doctest.h>

#include "phyllo/core/task_scope.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "support/simulated_world.hpp"
#include "support/temporary_directory.hpp"

namespace certificate_watch_test {

using namespace phyllo;
using std::chrono::hours;

namespace {

struct watched {
  struct lines final : core::log_sink {
    std::vector<std::string> all;
    void write(core::log_level level, std::string_view, std::string_view message) override {
      all.push_back((level == core::log_level::error ? "error " : "other ") + std::string(message));
    }
  };
  testing::temporary_directory d;
  testing::simulated_world world;
  std::shared_ptr<lines> said = std::make_shared<lines>();
  core::logger log{said, "node", core::log_level::info};
  node::configuration c;

  // An anchor that ends then, from now.
  void anchor(hours left) {
    const auto pem = identity::make_web_certificate({"192.0.2.1"}, world.wall_now(), left).certificate_pem;
    c.bootstrap.anchors = {d.write("anchor.pem", pem)};
  }
};

}  // namespace

TEST_CASE_FIXTURE(watched, "a certificate that has long to live is not spoken of, one that soon ends or has ended is") {
  anchor(hours(24 * 365));
  node::log_certificates(world.wall_now(), c, log);
  CHECK(said->all.empty());
  anchor(hours(24 * 2));
  node::log_certificates(world.wall_now(), c, log);
  REQUIRE(said->all.size() == 1);
  CHECK(said->all[0].starts_with("other bootstrap.anchors: "));
  node::log_certificates(world.wall_now() + hours(24 * 3), c, log);
  REQUIRE(said->all.size() == 2);
  CHECK(said->all[1].starts_with("error bootstrap.anchors: "));
}

TEST_CASE_FIXTURE(watched, "a running node speaks of it once a day, and not at its start, which has looked already") {
  anchor(hours(24 * 2));
  core::task_scope scope(world.env());
  scope.spawn(node::watch_certificates(world.env(), c, log));
  world.run_for(hours(23));
  CHECK(said->all.empty());
  world.run_for(hours(2));
  CHECK(said->all.size() == 1);
  world.run_for(hours(24));
  CHECK(said->all.size() == 2);
  scope.cancel();
  world.run(scope.join());
}

}  // namespace certificate_watch_test
