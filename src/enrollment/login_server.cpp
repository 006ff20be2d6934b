#include "phyllo/enrollment/login_server.hpp"

#include "attempt_limiter.hpp"
#include "enrollment_request.hpp"
#include "login_terms.hpp"
#include "phyllo/core/worker.hpp"
#include "phyllo/identity/certificate_request.hpp"

namespace phyllo::enrollment {
namespace {

// A node whose clock is a little slow must not find its fresh certificate "not yet valid".
constexpr auto clock_skew = std::chrono::minutes(5);
constexpr std::size_t checks_waiting_max = 64;  // about 3 s of scrypt

using transport::http_request;
using transport::http_response;

http_response plain(int status, std::string_view text) { return {status, {{"content-type", "text/plain"}}, std::string(text)}; }

http_response with(http_response r, const std::string& header, std::string value) {
  r.headers.emplace(header, std::move(value));
  return r;
}

std::string_view token_of(const core::error& e) {
  if (e == errc::failed_authentication) return failed_authentication_token;
  if (e == errc::username_not_available) return username_token;
  if (e == errc::node_ids_not_available) return node_ids_token;
  return bad_csr_token;
}

class login_server_impl final : public login_server {
 public:
  login_server_impl(core::environment& env, login_options o, accounts& a, const identity::authority& ca, identity::seal_key_pair domain_key,
                    core::metrics& m, core::logger log)
      : env_(env),
        options_(std::move(o)),
        accounts_(a),
        authority_(ca),
        domain_key_(std::move(domain_key)),
        metrics_(m),
        log_(std::move(log)),
        limiter_(options_.attempts_per_minute) {
    for (const int status : {200, 400, 403, 429, 500, 503}) (void)outcomes(status);
  }

  core::awaitable<http_response> handle(http_request r) override {
    if (r.path() != enroll_path) co_return plain(404, "not found\n");
    if (r.method != "POST") co_return with(plain(405, "POST a certificate request\n"), "allow", "POST");
    auto answer = co_await enroll(std::move(r));
    outcomes(answer.status).add();
    co_return answer;
  }

  void limit_attempts(unsigned per_minute) override { limiter_.limit(per_minute); }

 private:
  core::counter& outcomes(int status) {
    return metrics_.get_counter("phyllo_enrollments_total", "Answers of the login server.", {{"code", std::to_string(status)}});
  }

  core::awaitable<http_response> enroll(http_request r) {
    if (!r.secure) co_return plain(400, "https only\n");  // "MUST be performed over HTTPS"
    const auto fields = parse_form(r.headers["content-type"], r.body);
    if (!fields) co_return plain(400, fields.error().detail() + "\n");
    const auto q = enrollment_request::from_form(*fields);
    if (!q) co_return plain(400, q.error().detail() + "\n");
    if (!limiter_.begin(r.remote.address, env_.now())) {
      metrics_.drop("login_attempts");
      co_return with(plain(429, "too many failed attempts\n"), "retry-after", "60");
    }
    auto account = co_await authenticate(q->user, q->password);
    if (account) limiter_.forgive(r.remote.address);
    if (!account) co_return refusal(account.error());
    auto c = certify(*q, *account);
    if (!c) co_return refusal(c.error());
    log_.info("certificate issued for node {}", c->node().hex());
    co_return answer(*q, *account, *c);
  }

  // scrypt runs on the worker; the database stays on this thread.
  core::awaitable<core::result<account>> authenticate(std::string user, std::string password) {
    const auto looked_up = accounts_.check_for(user);
    if (!looked_up) co_return core::fail(looked_up.error());
    const auto check = std::make_shared<const password_check>(*looked_up);
    const auto right = std::make_shared<bool>(false);
    std::function<void()> work = [check, right, password = std::move(password)] { *right = right_password(*check, password); };
    const auto ran = co_await worker_.run(env_, std::move(work));
    if (!ran) co_return core::fail(ran.error());
    if (!*right) co_return core::fail(errc::failed_authentication);
    co_return *check->known;
  }

  core::result<identity::certificate> certify(const enrollment_request& q, const account& a) {
    if (!q.one_node) return core::fail(errc::node_ids_not_available, "one Node-ID for each device");
    const auto csr = identity::certificate_request::from_der(q.csr);
    if (!csr) return core::fail(errc::bad_csr, csr.error().message());
    if (csr->user() != a.user) return core::fail(errc::username_not_available);
    const auto now = env_.wall_now();
    const auto until = now + std::chrono::duration_cast<core::wall_time::duration>(options_.certificate_lifetime);
    const auto node = accounts_.node_id_for({a.user, q.device, q.peer, now, until}, options_.node_ids);
    if (!node) return core::fail(node.error());
    return authority_.issue({*node, a.user, options_.overlay_name, a.domains, now - clock_skew, until, q.peer}, csr->key());
  }

  http_response answer(const enrollment_request& q, const account& a, const identity::certificate& c) {
    http_response r{200, {{"content-type", std::string(certificate_type)}}, std::string(core::as_text(c.der()))};
    if (a.domains.empty() || !q.seal_key) return r;
    auto keys = domain_key_.private_key;
    core::append(keys, domain_key_.public_key);
    const auto sealed = identity::seal(*q.seal_key, domain_key_context(c.node()), keys);
    if (!sealed) return plain(400, "seal_key: " + sealed.error().message() + "\n");
    r.headers.emplace(domain_key_header, core::to_base64(*sealed));
    return r;
  }

  http_response refusal(const core::error& e) {
    if (e == core::errc::full) return with(plain(503, "busy\n"), "retry-after", "5");
    if (e == errc::database || e == errc::no_such_account) {
      log_.error("enrolment failed: {}", e.message());
      return plain(500, "internal error\n");
    }
    log_.info("enrolment refused: {}", token_of(e));
    return plain(403, token_of(e));
  }

  core::environment& env_;
  login_options options_;
  accounts& accounts_;
  const identity::authority& authority_;
  identity::seal_key_pair domain_key_;
  core::metrics& metrics_;
  core::logger log_;
  attempt_limiter limiter_;
  core::worker worker_{"phyllo-login", checks_waiting_max};
};

}  // namespace

std::unique_ptr<login_server> login_server::create(core::environment& env, login_options o, accounts& a, const identity::authority& ca,
                                                   identity::seal_key_pair domain_key, core::metrics& m, core::logger log) {
  return std::make_unique<login_server_impl>(env, std::move(o), a, ca, std::move(domain_key), m, std::move(log));
}

}  // namespace phyllo::enrollment
