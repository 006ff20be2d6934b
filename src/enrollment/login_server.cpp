#include "phyllo/enrollment/login_server.hpp"

#include "certified_request.hpp"
#include "enrollment_request.hpp"
#include "login_terms.hpp"
#include "password_gate.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/domain_keys.hpp"
#include "phyllo/identity/certificate_request.hpp"
#include "phyllo/identity/seal.hpp"

namespace phyllo::enrollment {
namespace {

using transport::http_request;
using transport::http_response;

http_response plain(int status, std::string_view text) { return {status, {{"content-type", "text/plain"}}, std::string(text)}; }

http_response with(http_response r, const std::string& header, std::string value) {
  r.headers.emplace(header, std::move(value));
  return r;
}

http_response of(std::string_view type, core::byte_view body) {
  return {200, {{"content-type", std::string(type)}, {"cache-control", "no-store"}}, std::string(core::as_text(body))};
}

std::string_view token_of(const core::error& e) {
  if (e == errc::failed_authentication || e == errc::no_such_account) return failed_authentication_token;
  if (e == errc::username_not_available) return username_token;
  if (e == errc::node_ids_not_available) return node_ids_token;
  return bad_csr_token;
}

class login_server_impl final : public login_server {
 public:
  login_server_impl(core::environment& env, login_options o, accounts& a, const identity::authority& ca, const identity::trust& trust,
                    core::metrics& m, core::logger log)
      : env_(env),
        options_(std::move(o)),
        accounts_(a),
        authority_(ca),
        trust_(trust),
        metrics_(m),
        log_(std::move(log)),
        gate_(env, {options_.attempts_per_minute, options_.scrypt_threads, options_.scrypt_log2_n}, a, m) {
    for (const int status : {200, 400, 403, 429, 500, 503}) (void)outcomes(status);
  }

  core::awaitable<http_response> handle(http_request r) override {
    if (!serves(r.path())) co_return plain(404, "not found\n");
    if (r.method != "POST") co_return with(plain(405, "POST a request\n"), "allow", "POST");
    auto answer = co_await answer_to(std::move(r));
    outcomes(answer.status).add();
    co_return answer;
  }

  void limit_attempts(unsigned per_minute) override { gate_.limit_attempts(per_minute); }
  void refuse_while(std::function<std::optional<std::string>()> why) override { refusing_ = std::move(why); }

 private:
  core::counter& outcomes(int status) {
    return metrics_.get_counter("phyllo_enrollments_total", "Answers of the login server, by HTTP status.",
                                {{"code", std::to_string(status)}});
  }

  core::awaitable<http_response> answer_to(http_request r) {
    if (!r.secure) co_return plain(400, "https only\n");  // "MUST be performed over HTTPS"
    auto fields = parse_form(r.headers["content-type"], r.body);
    if (!fields) co_return plain(400, fields.error().detail() + "\n");
    if (r.path() == domain_keys_path) co_return seal_domain_keys(*fields);
    if (const auto why = refusing_ ? refusing_() : std::nullopt) co_return unable(*why);
    if (r.path() == renew_path) co_return renew(*fields);
    auto q = enrollment_request::from_form(*fields);
    if (!q) co_return plain(400, q.error().detail() + "\n");
    // It may wait for its turn, with many others: what it holds meanwhile is what it needs.
    const auto from = r.remote.address;
    r = http_request();
    fields->clear();
    co_return co_await enroll(from, *std::move(q));
  }

  core::awaitable<http_response> enroll(asio::ip::address from, enrollment_request q) {
    const auto account = co_await gate_.check(from, q.user, std::move(q.password));
    if (!account) co_return refusal(account.error(), from);
    if (!q.one_node) co_return refusal(core::error(errc::node_ids_not_available), from);
    const auto csr = request_of(*account, q.csr);
    if (!csr) co_return refusal(csr.error(), from);
    const auto c = certify(*account, q.device, q.peer, *csr);
    if (!c) co_return refusal(c.error(), from);
    co_return of(certificate_type, c->der());
  }

  // Who has a good certificate needs no password, and so no turn: it has proven itself at no cost.
  http_response renew(const form& fields) {
    const auto q = certified_request::from_form(fields, renew_path, trust_, env_.wall_now());
    if (!q) return refused_certificate(q.error());
    // Revoked for the authority that it says it still proves whose it is: the new one says what there is to say.
    const auto owner = owner_of(q->certificate, accounts_.proves_from(q->certificate.user()));
    if (!owner) return refused_certificate(owner.error());
    const auto csr = request_of(owner->account, q->payload);
    if (!csr) return refused_certificate(csr.error());
    const auto c = certify(owner->account, owner->device, q->certificate.may_be_peer(), *csr);
    if (!c) return refused_certificate(c.error());
    return of(certificate_type, c->der());
  }

  http_response seal_domain_keys(const form& fields) {
    const auto q = certified_request::from_form(fields, domain_keys_path, trust_, env_.wall_now());
    if (!q) return refused_certificate(q.error());
    const auto owner = owner_of(q->certificate, accounts_.revoked_before(q->certificate.user()));
    if (!owner) return refused_certificate(owner.error());
    // What the account has lost is not given for a certificate that is older than the loss, nor what it has and the certificate does not
    // say.
    auto domains = owner->account.domains;
    std::erase_if(domains, [&](const std::string& d) { return !q->certificate.has_authority(d); });
    const auto keys = keyring_of(accounts_, domains);
    if (!keys) return refused_certificate(keys.error());
    const auto sealed = identity::seal(q->payload, domain_keys_context(q->certificate.node()), core::as_bytes(keys->print()));
    if (!sealed) return plain(400, "payload: " + sealed.error().message() + "\n");
    return of(sealed_type, *sealed);
  }

  // Of a certificate that was issued from that second on, of a node that is not revoked for good. By the accounts, which are ahead of the
  // list that the overlay has.
  core::result<node_owner> owner_of(const identity::certificate& c, const core::result<std::uint32_t>& from) {
    if (!from) return core::fail(from.error());
    if (identity::issued_second(c) < *from || trust_.revoked(c.node()))
      return core::fail(errc::failed_authentication, "the certificate of node " + c.node().hex() + " is revoked");
    auto owner = accounts_.owner_of(c.node());
    if (owner && owner->account.user != c.user()) return core::fail(errc::no_such_account, "another user has node " + c.node().hex());
    return owner;
  }

  static core::result<identity::certificate_request> request_of(const account& a, core::byte_view der) {
    auto csr = identity::certificate_request::from_der(der);
    if (!csr) return core::fail(errc::bad_csr, csr.error().message());
    if (csr->user() != a.user) return core::fail(errc::username_not_available);
    return csr;
  }

  core::result<identity::certificate> certify(const account& a, const std::string& device, bool peer,
                                              const identity::certificate_request& csr) {
    const auto now = env_.wall_now();
    const auto begin = not_before_of(accounts_, a.user, now);
    if (!begin) return core::fail(begin.error());
    const auto until = now + std::chrono::duration_cast<core::wall_time::duration>(options_.certificate_lifetime);
    const auto node = accounts_.node_id_for({a.user, device, peer, now, until}, options_.node_ids);
    if (!node) return core::fail(node.error());
    if (trust_.revoked(*node)) return core::fail(errc::node_ids_not_available, "node " + node->hex() + " is revoked for good");
    auto c = authority_.issue({*node, a.user, options_.overlay_name, a.domains, *begin, until, peer}, csr.key());
    if (!c) return core::fail(core::errc::invalid, "no certificate for node " + node->hex() + ": " + c.error().message());
    log_.info("certificate issued for node {}", c->node().hex());
    return c;
  }

  // A full disk, say: whoever asks should know that it is not his fault, and come again.
  static http_response unable(const std::string& why) {
    return with(plain(503, "the login server can not use its accounts: " + why + "\n"), "retry-after", "30");
  }

  // The address stands where a filter of fail2ban looks for it (packaging/fail2ban).
  http_response refusal(const core::error& e, const asio::ip::address& from) {
    if (e == core::errc::full) return with(plain(503, "busy\n"), "retry-after", "5");
    if (e == errc::too_many_attempts) return with(plain(429, "too many failed attempts\n"), "retry-after", "60");
    if (e == errc::failed_authentication) {
      const auto where = from.to_string();
      log_.about(where).warning("failed log-in from {}", where);
    } else if (e == errc::database) {
      log_.error("an enrollment failed: {}", e.message());
      return unable(e.detail());
    } else if (e == core::errc::invalid || e == errc::no_such_account) {
      log_.error("enrollment failed: {}",
                 e == core::errc::invalid ? e.message() : e.code().message());  // the other's detail names the user
      return plain(500, "internal error\n");
    } else {
      log_.info("enrollment refused: {}", token_of(e));
    }
    return plain(403, token_of(e));
  }

  http_response refused_certificate(const core::error& e) {
    if (e == core::errc::malformed) return plain(400, e.detail() + "\n");
    if (e == errc::database) {
      log_.error("a request by certificate failed: {}", e.message());
      return unable(e.detail());
    }
    if (e == core::errc::invalid) {
      log_.error("a request by certificate failed: {}", e.message());
      return plain(500, "internal error\n");
    }
    log_.info("a request by certificate is refused: {}", e.message());
    return plain(403, token_of(e));
  }

  core::environment& env_;
  login_options options_;
  accounts& accounts_;
  const identity::authority& authority_;
  const identity::trust& trust_;
  core::metrics& metrics_;
  core::logger log_;
  password_gate gate_;
  std::function<std::optional<std::string>()> refusing_;
};

}  // namespace

bool login_server::serves(std::string_view path) noexcept { return path == enroll_path || path == renew_path || path == domain_keys_path; }

std::unique_ptr<login_server> login_server::create(core::environment& env, login_options o, accounts& a, const identity::authority& ca,
                                                   const identity::trust& trust, core::metrics& m, core::logger log) {
  return std::make_unique<login_server_impl>(env, std::move(o), a, ca, trust, m, std::move(log));
}

}  // namespace phyllo::enrollment
