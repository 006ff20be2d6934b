#include "phyllo/enrollment/login_server.hpp"

#include <chrono>

#include "../../src/enrollment/certified_request.hpp"
#include "../../src/enrollment/form.hpp"
#include "../../src/enrollment/login_terms.hpp"
#include "execute.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/domain_keys.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/identity/certificate_request.hpp"
#include "phyllo/identity/trust.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace login_server_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

// A login server of ring.example.com with alice, and node1 that has authority for example.com.
struct site {
  testing::real_world world;
  testing::temporary_directory directory;
  identity::authority ca = identity::authority::create("login.example.com", world.env->wall_now());
  identity::trust trust{"ring.example.com"};
  identity::private_key key = identity::private_key::generate();
  identity::seal_key_pair seal_key = identity::generate_seal_key();
  core::metrics metrics;
  std::unique_ptr<accounts> store = accounts::open(directory.file("accounts.sqlite")).value();
  std::unique_ptr<login_server> server;

  explicit site(login_options o = {}) {
    const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
    REQUIRE(store->add(prepare_account("alice@example.com", "pw", {}, quick).value(), false));
    REQUIRE(store->add(prepare_account("node1@example.com", "pw1", {"example.com"}, quick).value(), false));
    REQUIRE(trust.update({ca.certificate_der()}, {}));
    o.overlay_name = "ring.example.com";
    o.scrypt_log2_n = 4;
    server = login_server::create(*world.env, o, *store, ca, trust, metrics, log.of("login"));
  }

  // A log that keeps its lines.
  struct lines final : core::log_sink {
    std::vector<std::string> all;
    void write(core::log_level, std::string_view component, std::string_view message) override {
      all.push_back(std::string(component) + ": " + std::string(message));
    }
  };
  std::shared_ptr<lines> said = std::make_shared<lines>();
  core::logger log{said, "test", core::log_level::info};

  identity::credential enrolled(const std::string& user, const std::string& password) {
    const auto r = answer(post(fields(user, password)));
    REQUIRE(r.status == 200);
    return {identity::certificate::from_der(core::as_bytes(r.body)).value(), key};
  }

  transport::http_response ask_by_certificate(const identity::credential& by, std::string_view path, core::byte_view payload,
                                              core::duration ago = {}) {
    auto r = post(certified_form(by, path, payload, world.env->wall_now() - std::chrono::duration_cast<core::wall_time::duration>(ago)));
    r.target = std::string(path);
    return answer(std::move(r));
  }

  identity::domain_keyring keys_of(const identity::credential& by) {
    const auto r = ask_by_certificate(by, domain_keys_path, seal_key.public_key);
    REQUIRE(r.status == 200);
    const auto text = identity::open(seal_key, domain_keys_context(by.certificate.node()), core::as_bytes(r.body)).value();
    return identity::domain_keyring::parse(core::as_text(text)).value();
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

TEST_CASE_FIXTURE(site, "a node with authority has it in its certificate, and gets the keys of those domains by that, sealed to its own") {
  const auto node1 = enrolled("node1@example.com", "pw1");
  CHECK(node1.certificate.has_authority("example.com"));
  const auto keys = keys_of(node1);
  CHECK(keys.domains() == std::vector<std::string>{"example.com"});
  CHECK(keys.find("example.com", 1)->private_key == store->domain_keys("example.com")->at(0).pair.private_key);
  const auto stranger = identity::generate_seal_key();
  const auto r = ask_by_certificate(node1, domain_keys_path, seal_key.public_key);
  CHECK_FALSE(identity::open(stranger, domain_keys_context(node1.certificate.node()), core::as_bytes(r.body)));
}

TEST_CASE_FIXTURE(site, "an account with authority for another domain does not come by the keys of this one") {
  const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
  REQUIRE(store->add(prepare_account("op@other.org", "pw", {"other.org"}, quick).value(), false));
  const auto alice = store->secret("alice@example.com").value();
  const auto sealed = seal_secret(keyring_of(*store, {"example.com"}).value(), "alice@example.com", alice).value();
  const auto theirs = keys_of(enrolled("op@other.org", "pw"));
  CHECK(theirs.domains() == std::vector<std::string>{"other.org"});
  CHECK(open_secret(theirs, "alice@example.com", sealed).error() == errc::unknown_generation);
  CHECK(open_secret(keys_of(enrolled("node1@example.com", "pw1")), "alice@example.com", sealed)->sha256 == alice.sha256);
  CHECK(keys_of(enrolled("alice@example.com", "pw")).empty());
}

TEST_CASE_FIXTURE(site, "all live generations are given, and a new one says from when on it is used") {
  (void)keyring_of(*store, {"example.com"});
  const auto now = core::from_unix_milliseconds(core::unix_milliseconds(world.env->wall_now()));
  REQUIRE(store->rotate_domain_key("example.com", now));
  auto keys = keys_of(enrolled("node1@example.com", "pw1"));
  CHECK(keys.generations("example.com") == std::vector<std::uint32_t>{1, 2});
  CHECK(keys.use_at(now) == now + announced_for);
  CHECK(keys.current("example.com") == 1);
}

TEST_CASE_FIXTURE(site,
                  "authority that the account has lost is worth nothing in an older certificate, nor is a removed account's certificate") {
  const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
  const auto node1 = enrolled("node1@example.com", "pw1");
  REQUIRE(store->add(prepare_account("node1@example.com", "pw1", {"other.org"}, quick).value(), true));
  CHECK(ask_by_certificate(node1, domain_keys_path, seal_key.public_key).status == 403);  // it is revoked here before the overlay knows
  CHECK(keys_of(enrolled("node1@example.com", "pw1")).domains() == std::vector<std::string>{"other.org"});
  REQUIRE(store->remove("node1@example.com"));
  CHECK(ask_by_certificate(node1, domain_keys_path, seal_key.public_key).status == 403);
  REQUIRE(store->add(prepare_account("node1@example.com", "pw1", {"example.com"}, quick).value(), false));
  CHECK(ask_by_certificate(node1, domain_keys_path, seal_key.public_key).status == 403);  // its Node-ID is another's now
}

TEST_CASE_FIXTURE(site, "a certificate renews itself without a password, for the same node") {
  const auto old = enrolled("node1@example.com", "pw1");
  const auto fresh_key = identity::private_key::generate();
  const auto csr = identity::make_certificate_request(fresh_key, "node1@example.com");
  const auto c = certificate_in(ask_by_certificate(old, renew_path, csr));
  CHECK(c.node() == old.certificate.node());
  CHECK(c.has_authority("example.com"));
  CHECK(c.verify(8, 7, core::as_bytes("x"), fresh_key.sign(core::as_bytes("x"))));
  const auto others = identity::make_certificate_request(fresh_key, "alice@example.com");
  CHECK(ask_by_certificate(old, renew_path, others).status == 403);
  CHECK(ask_by_certificate(old, renew_path, core::as_bytes("noise")).body == "bad_CSR");
}

TEST_CASE_FIXTURE(site, "a certificate that is revoked for lost authority renews itself, and says what its account has now") {
  const auto old = enrolled("node1@example.com", "pw1");
  const auto csr = identity::make_certificate_request(key, "node1@example.com");
  REQUIRE(store->change("node1@example.com", {.domains = std::vector<std::string>{}, .peers = {}}));
  CHECK(ask_by_certificate(old, domain_keys_path, seal_key.public_key).status == 403);
  const auto c = certificate_in(ask_by_certificate(old, renew_path, csr));
  CHECK(c.node() == old.certificate.node());
  CHECK_FALSE(c.has_authority("example.com"));
  REQUIRE(store->change("node1@example.com", {.domains = std::vector<std::string>{"example.com"}, .peers = {}}));
  CHECK(certificate_in(ask_by_certificate({c, key}, renew_path, csr)).has_authority("example.com"));
}

TEST_CASE_FIXTURE(site,
                  "a certificate of before another password, or of a removed account, renews nothing, whether the overlay knows or not") {
  const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
  const auto old = enrolled("node1@example.com", "pw1");
  const auto csr = identity::make_certificate_request(key, "node1@example.com");
  REQUIRE(store->add(prepare_account("node1@example.com", "new", {"example.com"}, quick).value(), true));
  CHECK(ask_by_certificate(old, renew_path, csr).body == "failed_authentication");
  CHECK(ask_by_certificate(old, domain_keys_path, seal_key.public_key).status == 403);
  const auto fresh = enrolled("node1@example.com", "new");
  CHECK(fresh.certificate.node() == old.certificate.node());
  REQUIRE(store->remove("node1@example.com"));
  CHECK(ask_by_certificate(fresh, renew_path, csr).body == "failed_authentication");
}

TEST_CASE_FIXTURE(site, "a node that is revoked for good gets no certificate, by password or by certificate") {
  const auto bad = enrolled("node1@example.com", "pw1");
  REQUIRE(trust.update({ca.certificate_der()}, {bad.certificate.node()}));
  CHECK(answer(post(fields("node1@example.com", "pw1"))).body == "Node-IDs_not_available");
  CHECK(ask_by_certificate(bad, renew_path, identity::make_certificate_request(key, "node1@example.com")).status == 403);
}

TEST_CASE_FIXTURE(site, "a request by certificate is good for its purpose, its moment, and a certificate that is trusted") {
  const auto node1 = enrolled("node1@example.com", "pw1");
  const auto status = [&](const identity::credential& by, core::duration ago = {}) {
    return ask_by_certificate(by, domain_keys_path, seal_key.public_key, ago).status;
  };
  CHECK(status(node1, std::chrono::minutes(4)) == 200);
  CHECK(status(node1, std::chrono::minutes(-4)) == 200);
  CHECK(status(node1, std::chrono::minutes(6)) == 403);
  CHECK(status(node1, std::chrono::minutes(-6)) == 403);
  CHECK(status({node1.certificate, identity::private_key::generate()}) == 403);
  auto moved = post(certified_form(node1, renew_path, seal_key.public_key, world.env->wall_now()));
  moved.target = std::string(domain_keys_path);
  CHECK(answer(moved).status == 403);
  auto altered = certified_form(node1, domain_keys_path, seal_key.public_key, world.env->wall_now());
  altered["payload"] = core::to_base64(identity::generate_seal_key().public_key);
  auto r = post(altered);
  r.target = std::string(domain_keys_path);
  CHECK(answer(r).status == 403);
  const auto foreign = identity::authority::create("elsewhere", world.env->wall_now());
  const identity::authority::request q{node1.certificate.node(),       "node1@example.com",          "ring.example.com", {"example.com"},
                                       node1.certificate.not_before(), node1.certificate.not_after()};
  CHECK(status({foreign.issue(q, key.native()).value(), key}) == 403);
  REQUIRE(trust.update({ca.certificate_der()}, {node1.certificate.node()}));
  CHECK(status(node1) == 403);
  for (const char* field : {"certificate", "time_ms", "payload", "signature"}) {
    auto f = certified_form(node1, domain_keys_path, seal_key.public_key, world.env->wall_now());
    f.erase(field);
    r = post(f);
    r.target = std::string(domain_keys_path);
    CHECK(answer(r).status == 400);
  }
  CHECK(ask_by_certificate(enrolled("alice@example.com", "pw"), domain_keys_path, core::as_bytes("short")).status == 400);
}

TEST_CASE_FIXTURE(site, "an account with more domains than a certificate can say is refused, and the server goes on") {
  std::string domains;
  for (int i = 0; i < 65; ++i) domains += (i == 0 ? "[\"d" : ",\"d") + std::to_string(i) + ".example.com\"";
  testing::execute(directory.file("accounts.sqlite"),
                   ("UPDATE account SET domains = '" + domains + "]' WHERE user = 'node1@example.com'").c_str());
  CHECK(answer(post(fields("node1@example.com", "pw1"))).status == 500);
  CHECK(answer(post(fields())).status == 200);
}

TEST_CASE_FIXTURE(site, "who can not be enrolled because the accounts can not be written hears so, and may come again") {
  testing::execute(directory.file("accounts.sqlite"),
                   "CREATE TRIGGER full BEFORE INSERT ON node BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
  const auto refused = answer(post(fields()));
  CHECK(refused.status == 503);
  CHECK(refused.body == "the login server can not use its accounts: database or disk is full\n");
  CHECK(refused.headers.at("retry-after") == "30");
  CHECK(answers("503") == 1);
  testing::execute(directory.file("accounts.sqlite"), "DROP TRIGGER full");
  CHECK(answer(post(fields())).status == 200);
}

TEST_CASE_FIXTURE(site, "while the server can keep nothing it takes no enrollment, says why, and takes them again afterwards") {
  std::optional<std::string> why = "No space left on device";
  server->refuse_while([&] { return why; });
  const auto refused = answer(post(fields()));
  CHECK(refused.status == 503);
  CHECK(refused.body == "the login server can not use its accounts: No space left on device\n");
  CHECK(answers("503") == 1);
  why.reset();
  CHECK(answer(post(fields())).status == 200);
}

TEST_CASE_FIXTURE(site, "a failed log-in is logged with its address and without its user, and counted") {
  CHECK(refused(fields("alice@example.com", "wrong")) == "failed_authentication");
  REQUIRE(said->all.size() == 1);
  CHECK(said->all[0].ends_with("failed log-in from 127.10.0.2"));
  CHECK(said->all[0].find("alice") == std::string::npos);
  CHECK(metrics.get_counter("phyllo_log_ins_failed_total", "", {{"reason", "password"}}).value() == 1);
}

TEST_CASE("an account that was made at less cost is raised to today's when it logs in") {
  site s;
  login_options o;
  o.overlay_name = "ring.example.com";
  o.scrypt_log2_n = 6;
  s.server = login_server::create(*s.world.env, o, *s.store, s.ca, s.trust, s.metrics, {});
  CHECK(s.refused(s.fields("alice@example.com", "wrong")) == "failed_authentication");
  CHECK(s.store->check_for("alice@example.com", 6)->scrypt_log2_n == 4);
  CHECK(s.answer(site::post(s.fields())).status == 200);
  CHECK(s.store->check_for("alice@example.com", 6)->scrypt_log2_n == 6);
  CHECK(s.answer(site::post(s.fields())).status == 200);
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

TEST_CASE("failed attempts from one address end in 429, but not for who has logged in from there, and others go on") {
  login_options o;
  o.attempts_per_minute = 3;
  site s(o);
  for (int i = 0; i < 5; ++i) CHECK(s.answer(site::post(s.fields())).status == 200);
  for (int i = 0; i < 3; ++i) CHECK(s.refused(s.fields("nobody@example.com", "wrong")) == "failed_authentication");
  const auto late = s.answer(site::post(s.fields("node1@example.com", "pw1")));
  CHECK(late.status == 429);
  CHECK(late.headers.at("retry-after") == "60");
  CHECK(s.answer(site::post(s.fields())).status == 200);
  auto elsewhere = site::post(s.fields("node1@example.com", "pw1"));
  elsewhere.remote.address = asio::ip::make_address("127.10.0.3");
  CHECK(s.answer(elsewhere).status == 200);
  CHECK(s.metrics.get_counter("phyllo_log_ins_failed_total", "", {{"reason", "address"}}).value() == 1);
}

TEST_CASE_FIXTURE(site, "an account that another process adds or removes is honoured at once") {
  const account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
  const auto other = accounts::open(directory.file("accounts.sqlite")).value();
  REQUIRE(other->add(prepare_account("bob@example.com", "pw", {}, quick).value(), false));
  CHECK(answer(post(fields("bob@example.com", "pw"))).status == 200);
  REQUIRE(other->remove("bob@example.com"));
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

}  // namespace login_server_test
