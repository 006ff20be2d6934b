// Enrollment and configuration end to end: client, TLS, HTTP and both servers over loopback sockets.
#include "phyllo/enrollment/login_client.hpp"

#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/domain_keys.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "phyllo/transport/http_date.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace login_client_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

constexpr std::uint16_t port = 8443;
constexpr auto patience = std::chrono::seconds(10);

// A host that serves https on 127.10.0.1:8443 for both servers.
struct site : transport::stream_service {
  testing::real_world world;
  core::environment& env = *world.env;
  testing::temporary_directory directory;
  core::metrics metrics;
  identity::trust trust{"ring.example.com"};
  identity::authority ca = identity::authority::create("login.example.com", env.wall_now());
  identity::web_identity web;
  std::unique_ptr<accounts> store = accounts::open(directory.file("accounts.sqlite")).value();
  std::unique_ptr<login_server> login;
  std::string list;  // of supernodes
  std::vector<core::told_time> told;
  std::map<std::string, std::string> headers;  // of every answer, besides its own
  std::unique_ptr<bootstrap_server> bootstrap = bootstrap_server::create([this] { return list; });
  core::task_scope connections{env};
  transport::http_handler handler = [this](transport::http_request r) { return answer(std::move(r)); };
  std::unique_ptr<transport::host> host;

  explicit site(const std::string& certified = "127.10.0.1") {
    const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
    REQUIRE(store->add(prepare_account("alice@example.com", "p\xc3\xa4ss & w\"rd", {}, quick).value(), false));
    REQUIRE(store->add(prepare_account("node1@example.com", "pw1", {"example.com"}, quick).value(), false));
    login_options o;
    o.overlay_name = "ring.example.com";
    o.scrypt_log2_n = 4;
    login = login_server::create(env, o, *store, ca, trust, metrics, {});
    web = identity::make_web_certificate({certified}, env.wall_now(), std::chrono::hours(24));
    transport::host_options h;
    h.address = asio::ip::make_address("127.10.0.1");
    h.ports = {0, 0, 0, 0, port, 0};
    auto opened = transport::host::open(env, h, nullptr, trust, {web.certificate_pem, web.key_pem}, metrics, {});
    REQUIRE(opened);
    host = *std::move(opened);
    host->serve(transport::stream_kind::http, this);
  }
  ~site() override { world.run(stop()); }

  void on_stream(std::unique_ptr<transport::stream> s) override {
    connections.spawn(transport::serve_http(env, std::move(s), handler, {}));
  }

  core::awaitable<transport::http_response> answer(transport::http_request r) {
    transport::http_response out;
    if (login_server::serves(r.path())) {
      out = co_await login->handle(std::move(r));
    } else {
      out = co_await bootstrap->handle(std::move(r));
    }
    out.headers.insert(headers.begin(), headers.end());
    co_return out;
  }

  core::awaitable<void> stop() {
    co_await host->stop();
    connections.cancel();
    co_await connections.join();
  }

  [[nodiscard]] client_options options() {
    return {asio::ip::make_address("127.10.0.2"), {web.certificate_pem}, {}, [this](core::told_time t) { told.push_back(std::move(t)); }};
  }

  core::awaitable<void> ask(client_options o, std::string url, std::string user, std::string password,
                            core::result<identity::credential>& to) {
    const std::string device = "device1";
    to = co_await enroll(env, std::move(o), std::move(url), std::move(user), std::move(password), device, true, env.now() + patience);
  }

  core::result<identity::credential> enrol(const std::string& user, const std::string& password) {
    return enrol(user, password, options(), url("reload-enroll"));
  }
  core::result<identity::credential> enrol(const std::string& user, const std::string& password, client_options o, std::string at) {
    core::result<identity::credential> to = core::fail(core::errc::closed);
    world.run(ask(std::move(o), std::move(at), user, password, to));
    return to;
  }

  static std::string url(const std::string& what) { return "https://127.10.0.1:8443/.well-known/" + what; }

  // Publishes a document that ends `lifetime` from now.
  void publish(std::chrono::hours lifetime = std::chrono::hours(24 * 90)) {
    const auto now = env.wall_now();
    identity::node_id id;
    id.octets.fill(0x5a);
    auto key = identity::private_key::generate();
    const identity::authority::request q{id, "node1@example.com",         "ring.example.com",
                                         {}, now - std::chrono::hours(1), now + std::chrono::hours(1)};
    const identity::credential signer{ca.issue(q, key.native()).value(), key};
    identity::configuration c;
    c.instance_name = "ring.example.com";
    c.expiration = now + lifetime;
    c.root_certificates = {ca.certificate_der()};
    c.configuration_signers = {id};
    c.kinds = identity::standard_kinds();
    bootstrap->publish(identity::print(c, signer), signer.certificate.pem());
  }

  core::awaitable<void> fetch_into(std::vector<std::string> urls, core::result<identity::parsed_configuration>& to) {
    to = co_await fetch_configuration(env, options(), std::move(urls), env.now() + patience);
  }
  core::result<identity::parsed_configuration> fetch(std::vector<std::string> urls) {
    core::result<identity::parsed_configuration> to = core::fail(core::errc::closed);
    world.run(fetch_into(std::move(urls), to));
    return to;
  }
};

}  // namespace

TEST_CASE_FIXTURE(site, "a user enrols over https and can sign with what it gets") {
  const auto e = enrol("alice@Example.com", "p\xc3\xa4ss & w\"rd");
  REQUIRE(e);
  CHECK(e->certificate.user() == "alice@example.com");
  const auto signature = e->key.sign(core::as_bytes("x"));
  CHECK(e->certificate.verify(8, 7, core::as_bytes("x"), signature));
  REQUIRE(trust.update({ca.certificate_der()}, {}));
  CHECK(trust.check(e->certificate, env.wall_now()));
}

namespace {

core::awaitable<void> keys_into(site& s, identity::credential by, core::result<identity::domain_keyring>& to) {
  to = co_await fetch_domain_keys(s.env, s.options(), site::url("reload-enroll"), std::move(by), s.env.now() + patience);
}

core::awaitable<void> renew_into(site& s, identity::credential old, core::result<identity::credential>& to) {
  to = co_await renew(s.env, s.options(), site::url("reload-enroll"), std::move(old), s.env.now() + patience);
}

}  // namespace

TEST_CASE_FIXTURE(site, "a node with authority gets its domains' keys by its certificate, and can open what is sealed with them") {
  REQUIRE(trust.update({ca.certificate_der()}, {}));
  const auto e = enrol("node1@example.com", "pw1");
  REQUIRE(e);
  core::result<identity::domain_keyring> keys = core::fail(core::errc::closed);
  world.run(keys_into(*this, *e, keys));
  REQUIRE_MESSAGE(keys.has_value(), (keys ? "" : keys.error().message()));
  const auto secret = store->secret("alice@example.com").value();
  const auto sealed = seal_secret(keyring_of(*store, {"example.com"}).value(), "alice@example.com", secret).value();
  CHECK(open_secret(*keys, "alice@example.com", sealed)->sha256 == secret.sha256);
  REQUIRE(store->remove("node1@example.com"));
  world.run(keys_into(*this, *e, keys));
  CHECK(keys.error() == errc::failed_authentication);
}

TEST_CASE_FIXTURE(site, "a certificate is renewed by itself, with a new key for the same Node-ID") {
  REQUIRE(trust.update({ca.certificate_der()}, {}));
  const auto e = enrol("node1@example.com", "pw1").value();
  core::result<identity::credential> renewed = core::fail(core::errc::closed);
  world.run(renew_into(*this, e, renewed));
  REQUIRE_MESSAGE(renewed.has_value(), (renewed ? "" : renewed.error().message()));
  CHECK(renewed->certificate.node() == e.certificate.node());
  CHECK(renewed->key.pem() != e.key.pem());
  REQUIRE(trust.update({ca.certificate_der()}, {e.certificate.node()}));
  world.run(renew_into(*this, e, renewed));
  CHECK(renewed.error() == errc::failed_authentication);
}

TEST_CASE_FIXTURE(site, "each enrollment makes a new key for the same Node-ID") {
  const auto first = enrol("node1@example.com", "pw1").value();
  const auto second = enrol("node1@example.com", "pw1").value();
  CHECK(first.certificate.node() == second.certificate.node());
  CHECK(first.key.pem() != second.key.pem());
}

TEST_CASE_FIXTURE(site, "refusals come back as what they are") {
  CHECK(enrol("alice@example.com", "wrong").error() == errc::failed_authentication);
  CHECK(enrol("nobody@example.com", "pw").error() == errc::failed_authentication);
  CHECK(enrol("no user", "pw").error() == errc::invalid_user);
  const auto elsewhere = enrol("alice@example.com", "pw", options(), url("elsewhere"));
  CHECK(elsewhere.error().message() == "the server answered with an error: status 404: not found");
}

TEST_CASE_FIXTURE(site, "a server that nobody vouches for never sees the password") {
  auto o = options();
  o.anchors_pem = {identity::make_web_certificate({"127.10.0.1"}, env.wall_now(), std::chrono::hours(24)).certificate_pem};
  const auto refused = enrol("alice@example.com", "p\xc3\xa4ss & w\"rd", o, url("reload-enroll"));
  CHECK(refused.error() == errc::unreachable);
  CHECK_MESSAGE(refused.error().detail().find("bootstrap.anchors names the PEM files that certify this server") != std::string::npos,
                refused.error().detail());
  CHECK(metrics.get_counter("phyllo_enrollments_total", "", {{"code", "200"}}).value() == 0);
  CHECK(metrics.get_counter("phyllo_enrollments_total", "", {{"code", "403"}}).value() == 0);
}

TEST_CASE("a server certified for another address is not taken for this one") {
  site s("127.10.0.9");
  CHECK(s.enrol("alice@example.com", "p\xc3\xa4ss & w\"rd").error() == errc::unreachable);
}

TEST_CASE_FIXTURE(site, "nobody listening, a name that is none and plain http are errors, not waits") {
  CHECK(enrol("alice@example.com", "pw", options(), "https://127.10.0.1:8444/").error() == errc::unreachable);
  CHECK(enrol("alice@example.com", "pw", options(), "https://no..where/").error() == errc::unreachable);
  CHECK(enrol("alice@example.com", "pw", options(), "http://127.10.0.1:8443/").error().message().find("expected https") !=
        std::string::npos);
  CHECK_FALSE(enrol("alice@example.com", "pw", options(), "noise"));
}

TEST_CASE_FIXTURE(site, "the configuration document is fetched and checked, also from a bare host") {
  publish();
  const auto p = fetch({url("reload-config")});
  REQUIRE(p);
  CHECK(p->content.instance_name == "ring.example.com");
  CHECK(fetch({"https://127.10.0.1:8443"})->text == p->text);
  CHECK(fetch({"https://127.10.0.1:8443/"})->text == p->text);
}

namespace {

core::awaitable<void> list_into(site& s, std::string url, core::result<supernode_list>& to) {
  to = co_await fetch_supernodes(s.env, s.options(), std::move(url), s.trust, s.env.now() + patience);
}

}  // namespace

TEST_CASE_FIXTURE(site, "the list of live supernodes is fetched from where the document is, and checked") {
  publish();
  const auto e = enrol("node1@example.com", "pw1");
  REQUIRE(e);
  list = print(supernode_list{"ring.example.com", env.wall_now(), {{"192.0.2.1", 6084}}}, *e);
  core::result<supernode_list> got = core::fail(core::errc::closed);
  world.run(list_into(*this, url("reload-config"), got));
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error() == identity::errc::unknown_issuer);
  REQUIRE(trust.update({ca.certificate_der()}, {}));
  for (const auto& from : {url("reload-config"), std::string("https://127.10.0.1:8443"), std::string("https://127.10.0.1:8443/")}) {
    world.run(list_into(*this, from, got));
    REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().message()));
    CHECK(got->nodes.size() == 1);
  }
  list.clear();
  world.run(list_into(*this, url("reload-config"), got));
  CHECK(got.error() == errc::server_error);
}

TEST_CASE_FIXTURE(site, "a bootstrap server that is down or has nothing is passed over") {
  CHECK(fetch({}).error() == errc::unreachable);
  CHECK(fetch({url("reload-config")}).error() == errc::server_error);
  publish();
  CHECK(fetch({"https://127.10.0.1:8444/", url("nothing"), url("reload-config")}));
  CHECK(fetch({"https://127.10.0.1:8444/"}).error() == errc::unreachable);
}

TEST_CASE_FIXTURE(site, "a document that is expired or broken is an error that names its source") {
  publish(std::chrono::hours(-1));
  const auto expired = fetch({url("reload-config")});
  CHECK(expired.error() == identity::errc::expired);
  CHECK(expired.error().message().find("127.10.0.1:8443") != std::string::npos);
  bootstrap->publish("<overlay/>", "");
  CHECK(fetch({url("reload-config")}).error() == identity::errc::malformed_document);
}

namespace {

// How far the server's clock is ahead of this machine's, as it was heard last.
core::duration ahead(site& s) {
  const auto own = std::chrono::duration_cast<core::duration>(s.env.wall_now().time_since_epoch()) - s.env.now().time_since_epoch();
  return s.told.back().shows - own;
}

}  // namespace

TEST_CASE_FIXTURE(site, "a node hears by each answer what the server's clock shows, and whose it is") {
  publish();
  REQUIRE(fetch({url("reload-config")}).has_value());
  REQUIRE(told.size() == 1);
  CHECK(told.front().by == "127.10.0.1:8443");
  CHECK(std::chrono::abs(ahead(*this)) < std::chrono::seconds(5));
  headers["date"] = transport::print_http_date(env.wall_now() + std::chrono::hours(72));
  REQUIRE(fetch({url("reload-config")}).has_value());
  CHECK(std::chrono::abs(ahead(*this) - std::chrono::hours(72)) < std::chrono::seconds(5));
}

TEST_CASE_FIXTURE(site, "the time is heard from a server whose document can not be used, which a wrong clock makes so") {
  headers["date"] = transport::print_http_date(env.wall_now() - std::chrono::hours(48));
  CHECK_FALSE(fetch({url("reload-config")}).has_value());  // none is published
  REQUIRE(told.size() == 1);
  CHECK(std::chrono::abs(ahead(*this) + std::chrono::hours(48)) < std::chrono::seconds(5));
}

TEST_CASE_FIXTURE(site, "what a cache has kept, and what is no date, tells no time") {
  publish();
  headers["age"] = "600";
  REQUIRE(fetch({url("reload-config")}).has_value());
  headers = {{"date", "Sunday, 06-Nov-94 08:49:37 GMT"}};
  REQUIRE(fetch({url("reload-config")}).has_value());
  CHECK(told.empty());
}

}  // namespace login_client_test
