// What a running node takes over of its configuration: by the rule alone, and by a node in this process.
#include "assembly/reread.hpp"

#include <doctest.h>

#include <algorithm>

#include "files/web_files.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "phyllo/node/account_options.hpp"
#include "phyllo/transport/http.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace reread_test {

using namespace phyllo;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

namespace {

constexpr const char* address = "127.60.1.7";
constexpr const char* bad_node = "0123456789abcdef0123456789abcdef";

// A login server with a web certificate of the operator's.
struct fixture {
  testing::temporary_directory d;
  testing::real_world world;
  core::environment& env = *world.env;
  node::configuration c;

  fixture() {
    c.node.address = address;
    c.node.user = "node1@example.com";
    c.node.first = true;
    c.node.data_directory = d.file("data");
    c.ports = {16084, 15060, 0, 0, 10443, 0};
    c.overlay.name = "overlay.example.com";
    c.login.enabled = true;
    c.login.scrypt_log2_n = 4;
    c.admin.address = address;
    c.admin.port = 16089;
    c.discovery.multicast = false;
    std::filesystem::create_directories(c.node.data_directory);
    c.tls.certificate = d.file("web.pem");
    c.tls.key = d.file("web.key");
    first_anchor = new_certificate();
  }

  // The anchor of its clients.
  std::string new_certificate() {
    const auto made = identity::make_web_certificate({address}, env.wall_now(), std::chrono::hours(24));
    d.write("web.pem", made.certificate_pem);
    d.write("web.key", made.key_pem);
    return made.certificate_pem;
  }

  std::string first_anchor;
};

core::awaitable<std::unique_ptr<transport::stream>> open_web(core::environment& env, std::string anchor) {
  transport::tls_client_options o;
  o.anchors_pem.push_back(std::move(anchor));
  const asio::ip::address any;
  const transport::endpoint web{asio::ip::make_address(address), 10443};
  auto s = co_await transport::open_tls_stream(env, any, web, std::move(o), env.now() + 5s);
  if (s) co_return std::move(*s);
  co_return nullptr;
}

// The list of what is revoked; before there is one, what is said instead.
core::awaitable<std::string> revocations_over(core::environment& env, transport::stream& s) {
  transport::http_request r;
  r.target = "/.well-known/phyllo-revocations";
  const auto answer = co_await transport::request_http(s, address, std::move(r), env.now() + 5s);
  REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message()));
  co_return answer->body;
}

core::awaitable<void> reload_under_use(fixture& f) {
  auto& env = f.env;
  auto opened = co_await node::supernode::open(env, f.c, core::logger());
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message()));
  auto& n = **opened;
  const auto ready_by = env.now() + 15s;
  while (!n.ready() && env.now() < ready_by) co_await core::sleep_for(env, 20ms);
  REQUIRE(n.ready());
  // It has signed its first list now, and signs no other for five seconds; a connection that says nothing is closed as soon.
  co_await core::sleep_for(env, 5s);
  auto now = f.c;
  n.reread_by([&now] { return core::result<node::configuration>(now); });
  const auto before = co_await open_web(env, f.first_anchor);
  REQUIRE(before != nullptr);

  // What is wrong anywhere changes nothing: here of three things the last.
  now.sip.rates.source_messages_per_second = 7;
  now.overlay.bad_nodes = {bad_node};
  now.ports.sip = 15070;
  f.d.write("web.key", "no key");
  CHECK(n.reread().error() == node::errc::configuration);
  const auto still = co_await open_web(env, f.first_anchor);
  CHECK(still != nullptr);

  const auto second_anchor = f.new_certificate();
  now.overlay.name = "other.example.com";
  CHECK(n.reread().error() == node::errc::configuration);
  now.overlay.name = f.c.overlay.name;
  const auto done = n.reread();
  REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message()));
  CHECK(done->changed == strings{"overlay.bad_nodes", "sip.source_messages_per_second"});
  CHECK(done->need_start == strings{"ports.sip"});
  const auto by_the_old = co_await open_web(env, f.first_anchor);
  CHECK(by_the_old == nullptr);
  const auto after = co_await open_web(env, second_anchor);
  REQUIRE(after != nullptr);
  // The list with the revoked node is published at once, and the old connection still serves.
  const auto published_by = env.now() + 5s;
  const auto revoked = *core::from_hex(bad_node);
  std::string list = co_await revocations_over(env, *after);
  while (list.find(core::as_text(revoked)) == std::string::npos && env.now() < published_by) {
    co_await core::sleep_for(env, 20ms);
    const auto fresh = co_await open_web(env, second_anchor);
    REQUIRE(fresh != nullptr);
    list = co_await revocations_over(env, *fresh);
  }
  CHECK(list.find(core::as_text(revoked)) != std::string::npos);
  const auto over_the_old = co_await revocations_over(env, *before);
  CHECK(over_the_old == list);
  co_await n.drain();
  CHECK(n.reread().error() == node::errc::refused);
  co_await n.stop();
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "a running node takes over certificates, anchors, revoked nodes and limits, and tells what has to wait") {
  auto running = c;
  auto fresh = c;
  fresh.tls.key = "other.key";
  fresh.login.attempts_per_minute = 5;
  fresh.bootstrap.anchors = {"anchor.pem"};
  fresh.overlay.replicas = 3;
  fresh.admin.port = 1;
  const auto report = node::take_over(running, fresh);
  CHECK(report.changed == strings{"bootstrap.anchors", "login.attempts", "tls.key"});
  CHECK(report.need_start == strings{"overlay.replicas", "admin.port"});
  CHECK(running.tls.key == "other.key");
  CHECK(running.login.attempts_per_minute == 5);
  CHECK(running.overlay.replicas == c.overlay.replicas);
  CHECK(node::take_over(running, running).changed.empty());
}

TEST_CASE_FIXTURE(fixture, "each file of a reload is checked, and the error names its key or the file") {
  CHECK(node::read_again(env, c).has_value());
  d.write("anchor.pem", first_anchor);
  c.bootstrap.anchors = {d.file("anchor.pem")};
  c.overlay.bad_nodes_file = d.file("revoked");
  d.write("revoked", std::string(bad_node) + "\n");
  CHECK(node::read_again(env, c).has_value());
  const auto refused = [&](const char* where) {
    const auto r = node::read_again(env, c);
    REQUIRE_FALSE(r.has_value());
    CHECK_MESSAGE(r.error().message().find(where) != std::string::npos, r.error().message());
  };
  d.write("revoked", "nobody\n");
  refused("revoked");
  d.write("revoked", "");
  d.write("anchor.pem", "no certificate");
  refused("bootstrap.anchors");
  std::filesystem::remove(d.file("anchor.pem"));
  refused("bootstrap.anchors");
  c.bootstrap.anchors.clear();
  const auto key = testing::content_of(d.file("web.key"));
  new_certificate();
  d.write("web.key", key);
  refused("do not belong together");
  const auto ended = identity::make_web_certificate({address}, env.wall_now() - std::chrono::hours(48), std::chrono::hours(24));
  d.write("web.pem", ended.certificate_pem);
  d.write("web.key", ended.key_pem);
  refused("web.pem: it ended at ");
  std::filesystem::remove(d.file("web.pem"));
  refused("tls.certificate");
}

TEST_CASE_FIXTURE(fixture, "a reload swaps the certificate for new connections and keeps the open ones; what is wrong changes nothing") {
  const auto db = enrollment::accounts::open(c.in_data_directory(c.login.database)).value();
  REQUIRE(db->add(enrollment::prepare_account("node1@example.com", "secret", {}, node::account_options_of(c)).value(), true).has_value());
  world.run(reload_under_use(*this), 60s);
}

}  // namespace reread_test
