#include "phyllo/enrollment/login_server.hpp"

#include <chrono>

#include "../../src/enrollment/form.hpp"
#include "../../src/enrollment/login_terms.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/identity/certificate_request.hpp"
#include "phyllo/identity/trust.hpp"
#include "support/run.hpp"
#include "temporary_directory.hpp"

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

// A login server of ring.example.com with alice, and node1 that has authority for example.com.
struct site {
  testing::real_world world;
  testing::temporary_directory directory;
  identity::authority ca = identity::authority::create("login.example.com", world.env->wall_now());
  identity::seal_key_pair domain_key = identity::generate_seal_key();
  identity::private_key key = identity::private_key::generate();
  identity::seal_key_pair seal_key = identity::generate_seal_key();
  core::metrics metrics;
  std::unique_ptr<accounts> store = accounts::open(directory.file("accounts.sqlite")).value();
  std::unique_ptr<login_server> server;

  explicit site(login_options o = {}) {
    const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
    REQUIRE(store->add(prepare_account("alice@example.com", "pw", {}, quick).value(), false));
    REQUIRE(store->add(prepare_account("node1@example.com", "pw1", {"example.com"}, quick).value(), false));
    o.overlay_name = "ring.example.com";
    server = login_server::create(*world.env, o, *store, ca, domain_key, metrics, {});
  }

  [[nodiscard]] form fields(const std::string& user = "alice@example.com", const std::string& password = "pw") const {
    const auto csr = identity::make_certificate_request(key, user);
    return {{"username", user}, {"password", password}, {"csr", std::string(core::as_text(csr))}, {"device", "host1/127.10.0.1"}};
  }

  static transport::http_request post(const form& f) {
    transport::http_request r;
    r.method = "POST";
    r.target = std::string(enroll_path);
    r.headers["content-type"] = "multipart/form-data; boundary=0123456789abcdef";
    r.body = print_multipart(f, "0123456789abcdef");
    r.remote = {asio::ip::make_address("127.10.0.2"), 40000};
    r.secure = true;
    return r;
  }

  static core::awaitable<void> ask(login_server& s, transport::http_request r, transport::http_response& to) {
    to = co_await s.handle(std::move(r));
  }

  transport::http_response answer(transport::http_request r) {
    transport::http_response to;
    world.run(ask(*server, std::move(r), to));
    return to;
  }

  std::string refused(const form& f, int status = 403) {
    const auto r = answer(post(f));
    CHECK(r.status == status);
    CHECK(r.headers.at("content-type") == "text/plain");
    return r.body;
  }

  std::uint64_t answers(const std::string& code) { return metrics.get_counter("phyllo_enrollments_total", "", {{"code", code}}).value(); }
};

identity::certificate certificate_in(const transport::http_response& r) {
  REQUIRE(r.status == 200);
  return identity::certificate::from_der(core::as_bytes(r.body)).value();
}

}  // namespace

TEST_CASE_FIXTURE(site, "a right password and request get a certificate of the overlay for a week") {
  const auto r = answer(post(fields()));
  REQUIRE(r.status == 200);
  CHECK(r.headers.at("content-type") == "application/pkix-cert");
  const auto c = certificate_in(r);
  CHECK(c.user() == "alice@example.com");
  CHECK(c.overlay() == "ring.example.com");
  CHECK(c.domains().empty());
  CHECK(c.verify(8, 7, core::as_bytes("x"), key.sign(core::as_bytes("x"))));
  CHECK(c.not_after() > world.env->wall_now() + std::chrono::hours(24 * 7 - 1));
  CHECK(c.not_after() <= world.env->wall_now() + std::chrono::hours(24 * 7));
  identity::trust t("ring.example.com");
  REQUIRE(t.update({ca.certificate_der()}, {}));
  CHECK(t.check(c, world.env->wall_now()));
  CHECK(answers("200") == 1);
}

TEST_CASE_FIXTURE(site, "the same user and device get the same Node-ID, another device another") {
  auto f = fields();
  const auto first = certificate_in(answer(post(f)));
  CHECK(certificate_in(answer(post(f))).node() == first.node());
  key = identity::private_key::generate();
  f = fields();
  CHECK(certificate_in(answer(post(f))).node() == first.node());
  f["device"] = "host2/127.10.0.1";
  CHECK(certificate_in(answer(post(f))).node() != first.node());
}

TEST_CASE_FIXTURE(site, "the right to be a peer is given to who asks for it, to one device of an account") {
  auto f = fields();
  CHECK_FALSE(certificate_in(answer(post(f))).may_be_peer());
  f["role"] = "peer";
  CHECK(certificate_in(answer(post(f))).may_be_peer());
  f["device"] = "host2/127.10.0.1";
  CHECK(refused(f) == "Node-IDs_not_available");
  f["role"] = "client";
  CHECK_FALSE(certificate_in(answer(post(f))).may_be_peer());
  f["role"] = "king";
  CHECK(answer(post(f)).status == 400);
}

TEST_CASE_FIXTURE(site, "one account holds eleven Node-IDs, not sixty-four") {
  auto f = fields();
  int given = 0;
  for (int i = 0; i < 64; ++i) {
    f["device"] = "d" + std::to_string(i);
    f["role"] = i == 0 ? "peer" : "client";
    given += answer(post(f)).status == 200 ? 1 : 0;
  }
  CHECK(given == 11);
}

TEST_CASE_FIXTURE(site, "a wrong password and an unknown user are told the same") {
  CHECK(refused(fields("alice@example.com", "wrong")) == "failed_authentication");
  CHECK(refused(fields("bob@example.com", "pw")) == "failed_authentication");
  CHECK(answers("403") == 2);
}

TEST_CASE_FIXTURE(site, "a request that names another user is refused, even an existing one") {
  auto f = fields();
  const auto csr = identity::make_certificate_request(key, "node1@example.com");
  f["csr"] = core::as_text(csr);
  CHECK(refused(f) == "username_not_available");
}

TEST_CASE_FIXTURE(site, "a broken request is bad_CSR, but not before the password is right") {
  auto f = fields();
  f["csr"][f["csr"].size() - 1] ^= 1;
  CHECK(refused(f) == "bad_CSR");
  f["csr"] = "noise";
  CHECK(refused(f) == "bad_CSR");
  f["password"] = "wrong";
  CHECK(refused(f) == "failed_authentication");
}

TEST_CASE_FIXTURE(site, "more than one Node-ID is not available") {
  auto f = fields();
  f["nodeids"] = "1";
  CHECK(answer(post(f)).status == 200);
  f["nodeids"] = "2";
  CHECK(refused(f) == "Node-IDs_not_available");
}

TEST_CASE_FIXTURE(site, "the request may come as base64 or PEM, and the form urlencoded") {
  auto f = fields();
  const auto base64 = core::to_base64(core::as_bytes(f["csr"]));
  f["csr"] =
      "-----BEGIN CERTIFICATE REQUEST-----\n" + base64.substr(0, 64) + "\n" + base64.substr(64) + "\n-----END CERTIFICATE REQUEST-----\n";
  CHECK(answer(post(f)).status == 200);
  auto r = post({});
  r.headers["content-type"] = "application/x-www-form-urlencoded";
  std::string escaped;
  for (const char c : base64) escaped += c == '+' ? "%2B" : std::string(1, c);
  r.body = "username=alice%40example.com&password=pw&csr=" + escaped;
  CHECK(answer(r).status == 200);
}

TEST_CASE_FIXTURE(site, "a node with authority gets it in its certificate, and the domain key sealed to its own") {
  auto f = fields("node1@example.com", "pw1");
  f["seal_key"] = core::to_base64(seal_key.public_key);
  const auto r = answer(post(f));
  const auto c = certificate_in(r);
  CHECK(c.has_authority("example.com"));
  const auto sealed = core::from_base64(r.headers.at("phyllo-domain-key")).value();
  const auto keys = identity::open(seal_key, domain_key_context(c.node()), sealed).value();
  CHECK(core::equal(core::byte_view(keys).first(32), domain_key.private_key));
  CHECK(core::equal(core::byte_view(keys).last(32), domain_key.public_key));
}

TEST_CASE_FIXTURE(site, "a user without authority gets no domain key, nor does who sends no key") {
  auto f = fields();
  f["seal_key"] = core::to_base64(seal_key.public_key);
  CHECK_FALSE(answer(post(f)).headers.contains("phyllo-domain-key"));
  CHECK_FALSE(answer(post(fields("node1@example.com", "pw1"))).headers.contains("phyllo-domain-key"));
}

TEST_CASE_FIXTURE(site, "a seal key that is none is refused") {
  auto f = fields("node1@example.com", "pw1");
  f["seal_key"] = "AAAA";
  CHECK(answer(post(f)).status == 400);
  f["seal_key"] = core::to_base64(core::bytes(32));
  CHECK(answer(post(f)).status == 400);
}

TEST_CASE_FIXTURE(site, "missing and unreadable fields are a bad request") {
  for (const char* name : {"username", "password", "csr"}) {
    auto f = fields();
    f.erase(name);
    CHECK(answer(post(f)).status == 400);
  }
  auto f = fields();
  f["device"] = "a b";
  CHECK(answer(post(f)).status == 400);
  auto r = post(fields());
  r.body.resize(r.body.size() - 10);
  CHECK(answer(r).status == 400);
  CHECK(answers("400") == 5);
}

TEST_CASE_FIXTURE(site, "other paths and methods, and plain HTTP, are turned away") {
  auto r = post(fields());
  r.target = "/elsewhere";
  CHECK(answer(r).status == 404);
  r = post(fields());
  r.method = "GET";
  CHECK(answer(r).status == 405);
  CHECK(answer(r).headers.at("allow") == "POST");
  r = post(fields());
  r.secure = false;
  CHECK(answer(r).status == 400);
  r = post(fields());
  r.target += "?x=1";
  CHECK(answer(r).status == 200);
}

TEST_CASE("failed attempts from one address end in 429, others go on, and successes do not count") {
  login_options o;
  o.attempts_per_minute = 3;
  site s(o);
  for (int i = 0; i < 5; ++i) CHECK(s.answer(site::post(s.fields())).status == 200);
  for (int i = 0; i < 3; ++i) CHECK(s.refused(s.fields("alice@example.com", "wrong")) == "failed_authentication");
  const auto late = s.answer(site::post(s.fields()));
  CHECK(late.status == 429);
  CHECK(late.headers.at("retry-after") == "60");
  auto elsewhere = site::post(s.fields());
  elsewhere.remote.address = asio::ip::make_address("127.10.0.3");
  CHECK(s.answer(elsewhere).status == 200);
  CHECK(s.metrics.drops().at("login_attempts") == 1);
}

TEST_CASE_FIXTURE(site, "an account that another process adds or removes is honoured at once") {
  const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
  const auto other = accounts::open(directory.file("accounts.sqlite")).value();
  REQUIRE(other->add(prepare_account("bob@example.com", "pw", {}, quick).value(), false));
  CHECK(answer(post(fields("bob@example.com", "pw"))).status == 200);
  REQUIRE(other->remove("bob@example.com", world.env->wall_now()));
  CHECK(refused(fields("bob@example.com", "pw")) == "failed_authentication");
}

namespace {

core::awaitable<void> tick(core::environment& env, int& ticks) {
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env, std::chrono::milliseconds(5));
    ++ticks;
  }
}

core::awaitable<void> ask_while_ticking(site& s, int& ticks, int& status) {
  core::task_scope scope(*s.world.env);
  scope.spawn(tick(*s.world.env, ticks));
  auto r = site::post(s.fields("slow@example.com", "pw"));
  const auto answer = co_await s.server->handle(std::move(r));
  status = answer.status;
  scope.cancel();
  co_await scope.join();
}

}  // namespace

TEST_CASE_FIXTURE(site, "while scrypt computes the event loop goes on") {
  account_options slow{.scrypt_log2_n = 16, .sip_secret = enrollment::sip_secret::account, .md5 = false};
  REQUIRE(store->add(prepare_account("slow@example.com", "pw", {}, slow).value(), false));
  int ticks = 0;
  int status = 0;
  world.run(ask_while_ticking(*this, ticks, status));
  CHECK(status == 200);
  CHECK(ticks > 3);
}
