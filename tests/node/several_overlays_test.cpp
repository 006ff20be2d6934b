// One node of two overlays, in this process beside the two login servers that run them.
#include <doctest.h>

#include <nlohmann/json.hpp>

#include "ask_admin.hpp"
#include "phyllo/node/account_options.hpp"
#include "phyllo/node/supernode.hpp"
#include "phyllo/overlay/errc.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/listener.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace several_overlays_test {

using namespace phyllo;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

node::configuration at_address(const testing::temporary_directory& d, const std::string& address) {
  node::configuration c;
  c.node.address = address;
  c.node.data_directory = d.file(address);
  c.ports = {16084, 0, 0, 0, 10443, 0};
  c.sip.enabled = false;
  c.discovery.multicast = false;
  c.login.scrypt_log2_n = 4;
  c.admin.address = address;
  c.admin.port = 16089;
  return c;
}

void add_account(const node::configuration& c, const std::string& user) {
  std::filesystem::create_directories(c.node.data_directory);
  const auto db = enrollment::accounts::open(c.in_data_directory(c.login.database)).value();
  REQUIRE(db->add(enrollment::prepare_account(user, "secret", {}, node::account_options_of(c)).value(), true).has_value());
}

// Runs an overlay whose users are of `domain`.
node::configuration login_server(const testing::temporary_directory& d, const std::string& address, const std::string& domain) {
  auto c = at_address(d, address);
  c.overlay.name = "overlay." + domain;
  c.node.user = "first@" + domain;
  c.node.first = true;
  c.login.enabled = true;
  add_account(c, c.node.user);
  add_account(c, "both@" + domain);
  return c;
}

struct scene {
  testing::temporary_directory d;
  node::configuration com = login_server(d, "127.60.2.1", "example.com");
  node::configuration org = login_server(d, "127.60.2.2", "example.org");
  node::configuration both = at_address(d, "127.60.2.3");

  scene() {
    d.write("password", "secret\n");
    both.overlay.name = com.overlay.name;
    both.node.user = "both@example.com";
    both.node.password_file = d.file("password");
    both.bootstrap.urls = {"https://127.60.2.1:10443/.well-known/reload-config"};
    both.bootstrap.anchors = {com.in_data_directory("web-certificate.pem")};
    node::overlay_section second;
    second.name = org.overlay.name;
    second.port = 16085;
    second.user = "both@example.org";
    second.urls = {"https://127.60.2.2:10443/.well-known/reload-config"};
    second.anchors = {org.in_data_directory("web-certificate.pem")};
    both.further_overlays.push_back(second);
    CHECK(node::validate(both).empty());
  }
};

core::awaitable<std::unique_ptr<node::supernode>> open(core::environment& env, node::configuration c) {
  auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message()));
  const auto end = env.now() + 30s;
  while (!(*opened)->ready() && env.now() < end) co_await core::sleep_for(env, 20ms);
  REQUIRE((*opened)->ready());
  co_return std::move(*opened);
}

core::awaitable<json> ask(core::environment& env, const node::supernode& n, std::string target, json body, int status) {
  const auto answer = co_await testing::ask_admin(env, n.admin_socket(), std::move(target), std::move(body), env.now() + 10s);
  REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message()));
  CHECK_MESSAGE(answer->status == status, answer->body.dump());
  co_return answer->body;
}

core::awaitable<void> use_both(core::environment& env, const scene& s) {
  auto com = co_await open(env, s.com);
  auto org = co_await open(env, s.org);
  auto both = co_await open(env, s.both);

  // A record of each overlay, added at the node of both and read by the other node of that overlay.
  json put{{"name", "note:both@example.org"}, {"value", "hello"}, {"overlay", "overlay.example.org"}};
  co_await ask(env, *both, "/overlay/add", put, 200);
  json name{{"name", "note:both@example.org"}};
  const auto read = co_await ask(env, *org, "/overlay/get", name, 200);
  CHECK(read["values"][0]["value"] == "hello");
  co_await ask(env, *com, "/overlay/get", name, 404);
  name["overlay"] = "overlay.example.com";
  co_await ask(env, *both, "/overlay/get", name, 404);
  name["overlay"] = "overlay.example.org";
  const auto traced = co_await ask(env, *both, "/overlay/trace", name, 200);
  CHECK(traced["root"] == read["root"]);

  name.erase("overlay");
  const auto unnamed = co_await ask(env, *both, "/overlay/get", name, 400);
  CHECK(unnamed["error"] == "unknown_overlay");
  CHECK(unnamed["message"].get<std::string>().find("overlay.example.com, overlay.example.org") != std::string::npos);

  const auto status = co_await ask(env, *both, "/status", nullptr, 200);
  REQUIRE(status["overlays"].size() == 2);
  CHECK(status["overlays"][1]["overlay"] == "overlay.example.org");
  CHECK(status["overlays"][0]["node_id"] != status["overlays"][1]["node_id"]);

  // By the API of a program that embeds the node.
  const auto record = overlay::name::parse("note:both@example.org").value();
  const overlay::read_options options;
  const std::string id = "overlay.example.org";
  const auto got = co_await both->api()->get(id, record, options);
  REQUIRE(got.has_value());
  CHECK(got->values.at(0).content.value == "hello");

  co_await both->drain();
  for (auto* n : {&both, &org, &com}) co_await (*n)->stop();
}

}  // namespace

TEST_CASE("a node of two overlays keeps their records apart, and every operation names its overlay") {
  const scene s;
  testing::real_world world;
  world.run(use_both(*world.env, s), 120s);
}

namespace {

core::awaitable<void> fail_to_open(core::environment& env, node::configuration c) {
  const auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error() == transport::errc::address_in_use);
  CHECK(opened.error().detail().find("127.60.2.3:16085") != std::string::npos);
}

}  // namespace

TEST_CASE("a further overlay's port that is taken is named, and nothing is left open") {
  const scene s;
  testing::real_world world;
  const auto taken = transport::listen_tcp(*world.env, {asio::ip::make_address("127.60.2.3"), 16085}).value();
  world.run(fail_to_open(*world.env, s.both));
  CHECK(transport::listen_tcp(*world.env, {asio::ip::make_address("127.60.2.3"), 16084}).has_value());
}

}  // namespace several_overlays_test
